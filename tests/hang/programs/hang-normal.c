// expect: hang ; kind: mutex-order ; locks: lock_plain lock_normal ; note: a mutex of C11 and one that was set to be NORMAL, beside an idle thread: both say who has them
#include "../../programs/meet.h"
#include <threads.h>

static mtx_t lock_plain;
static pthread_mutex_t lock_normal;

static void *first(void *arg)
{
	mtx_lock(&lock_plain);
	meet(2);
	pthread_mutex_lock(&lock_normal);
	return arg;
}

static void *second(void *arg)
{
	pthread_mutex_lock(&lock_normal);
	meet(2);
	mtx_lock(&lock_plain);
	return arg;
}

static void *idle(void *arg)
{
	for (;;)
		nap(1000);
	return arg;
}

int main(void)
{
	pthread_mutexattr_t kind;

	pthread_mutexattr_init(&kind);
	pthread_mutexattr_settype(&kind, PTHREAD_MUTEX_NORMAL);
	pthread_mutex_init(&lock_normal, &kind);
	mtx_init(&lock_plain, mtx_plain);
	run_three(first, second, idle);
	return 0;
}
