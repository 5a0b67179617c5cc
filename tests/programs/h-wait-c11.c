// expect: hazard ; kind: lock-condvar ; locks: lock_outer ready ; note: cnd_wait with an outer lock held which the signaller took before
#include "subject.h"
#include <threads.h>

static mtx_t lock_outer, lock_inner;
static cnd_t ready;
static int is_ready;

static void touch(void)
{
	mtx_lock(&lock_outer);
	mtx_unlock(&lock_outer);
}

static int waiter(void *arg)
{
	(void)arg;
	nap(50);
	mtx_lock(&lock_outer);
	mtx_lock(&lock_inner);
	while (!is_ready)
		cnd_wait(&ready, &lock_inner);
	mtx_unlock(&lock_inner);
	mtx_unlock(&lock_outer);
	return 0;
}

static int signaller(void *arg)
{
	(void)arg;
	touch();
	nap(150);
	mtx_lock(&lock_inner);
	is_ready = 1;
	cnd_signal(&ready);
	mtx_unlock(&lock_inner);
	return 0;
}

int main(void)
{
	thrd_t a, b;

	mtx_init(&lock_outer, mtx_plain);
	mtx_init(&lock_inner, mtx_plain);
	cnd_init(&ready);
	thrd_create(&a, waiter, NULL);
	thrd_create(&b, signaller, NULL);
	thrd_join(a, NULL);
	thrd_join(b, NULL);
	return 0;
}
