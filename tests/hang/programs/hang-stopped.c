// expect: hang ; kind: mutex-order ; locks: lock_a lock_b ; core: none ; note: two threads in a deadlock, stopped by SIGSTOP: going on would not help
#include "../../programs/meet.h"
#include <signal.h>

static pthread_mutex_t lock_a = PTHREAD_MUTEX_INITIALIZER, lock_b = PTHREAD_MUTEX_INITIALIZER;

static void *first(void *arg)
{
	pthread_mutex_lock(&lock_a);
	meet(3);
	pthread_mutex_lock(&lock_b);
	return arg;
}

static void *second(void *arg)
{
	pthread_mutex_lock(&lock_b);
	meet(3);
	pthread_mutex_lock(&lock_a);
	return arg;
}

int main(void)
{
	pthread_t a, b;

	pthread_create(&a, NULL, first, NULL);
	pthread_create(&b, NULL, second, NULL);
	meet(3);
	/* Until both words say that somebody waits. */
	while (__atomic_load_n(&lock_a.__data.__lock, __ATOMIC_SEQ_CST) != 2 ||
		__atomic_load_n(&lock_b.__data.__lock, __ATOMIC_SEQ_CST) != 2)
		nap(1);
	nap(100);
	raise(SIGSTOP);
	pthread_join(a, NULL);
	return 0;
}
