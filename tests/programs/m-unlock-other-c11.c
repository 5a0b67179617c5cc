// expect: misuse ; kind: unlock-not-owner ; locks: mtx_slot ; note: a plain C11 mutex is released by another thread
#include "subject.h"

#include <threads.h>

static mtx_t mtx_slot;

static void *owner(void *arg)
{
	(void)arg;
	mtx_lock(&mtx_slot);
	nap(200);
	return NULL;
}

static void *thief(void *arg)
{
	(void)arg;
	nap(80);
	mtx_unlock(&mtx_slot);
	return NULL;
}

int main(void)
{
	mtx_init(&mtx_slot, mtx_plain);
	run_two(owner, thief);
	return 0;
}
