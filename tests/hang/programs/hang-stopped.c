// expect: hang ; kind: mutex-order ; locks: lock_a lock_b ; core: none ; note: two threads in a deadlock, stopped by SIGSTOP: going on would not help
#include "../../programs/asleep.h"
#include "../../programs/meet.h"
#include <signal.h>

static pthread_mutex_t lock_a = PTHREAD_MUTEX_INITIALIZER, lock_b = PTHREAD_MUTEX_INITIALIZER;
static int tid_first, tid_second;

static void *first(void *arg)
{
	pthread_mutex_lock(&lock_a);
	meet(3);
	will_sleep(&tid_first);
	pthread_mutex_lock(&lock_b);
	return arg;
}

static void *second(void *arg)
{
	pthread_mutex_lock(&lock_b);
	meet(3);
	will_sleep(&tid_second);
	pthread_mutex_lock(&lock_a);
	return arg;
}

int main(void)
{
	pthread_t a, b;

	pthread_create(&a, NULL, first, NULL);
	pthread_create(&b, NULL, second, NULL);
	meet(3);
	await_asleep(&tid_first);
	await_asleep(&tid_second);
	raise(SIGSTOP);
	pthread_join(a, NULL);
	return 0;
}
