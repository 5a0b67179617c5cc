// expect: misuse ; kind: cond-wait-unheld ; locks: mtx_bell ; note: cnd_timedwait with a mutex that another thread holds
#include "subject.h"

#include <threads.h>

static mtx_t mtx_bell;
static cnd_t bell;

static void *owner(void *arg)
{
	(void)arg;
	mtx_lock(&mtx_bell);
	nap(150);
	mtx_unlock(&mtx_bell);
	return NULL;
}

static void *waiter(void *arg)
{
	struct timespec soon = deadline(CLOCK_REALTIME, 100);

	(void)arg;
	nap(50);
	cnd_timedwait(&bell, &mtx_bell, &soon);
	return NULL;
}

int main(void)
{
	mtx_init(&mtx_bell, mtx_plain);
	cnd_init(&bell);
	run_two(owner, waiter);
	return 0;
}
