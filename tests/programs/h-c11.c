// expect: hazard ; kind: c11-mutex ; locks: mtx_a mtx_b ; note: C11 mutexes and threads, both orders
#include "subject.h"
#include <threads.h>

static mtx_t mtx_a, mtx_b;

static int first(void *arg)
{
	(void)arg;
	mtx_lock(&mtx_a);
	mtx_lock(&mtx_b);
	mtx_unlock(&mtx_b);
	mtx_unlock(&mtx_a);
	return 0;
}

static int second(void *arg)
{
	(void)arg;
	nap(60);
	mtx_lock(&mtx_b);
	mtx_lock(&mtx_a);
	mtx_unlock(&mtx_a);
	mtx_unlock(&mtx_b);
	return 0;
}

int main(void)
{
	thrd_t a, b;

	mtx_init(&mtx_a, mtx_plain);
	mtx_init(&mtx_b, mtx_plain);
	thrd_create(&a, first, NULL);
	thrd_create(&b, second, NULL);
	thrd_join(a, NULL);
	thrd_join(b, NULL);
	return 0;
}
