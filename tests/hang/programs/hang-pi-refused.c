// expect: hang ; kind: mutex-kinds ; locks: lock_first lock_second ; note: the kernel refuses the second of two inheriting mutexes; libc then waits at a word of its stack
#include "../../programs/meet.h"

static pthread_mutex_t lock_first, lock_second;
static int asked;

static void *first(void *arg)
{
	pthread_mutex_lock(&lock_first);
	meet(2);
	through(&asked);
	pthread_mutex_lock(&lock_second);
	return arg;
}

static void *second(void *arg)
{
	pthread_mutex_lock(&lock_second);
	meet(2);
	await(&asked);
	pthread_mutex_lock(&lock_first);
	return arg;
}

int main(void)
{
	pthread_mutexattr_t kind;

	pthread_mutexattr_init(&kind);
	pthread_mutexattr_setprotocol(&kind, PTHREAD_PRIO_INHERIT);
	pthread_mutex_init(&lock_first, &kind);
	pthread_mutex_init(&lock_second, &kind);
	run_two(first, second);
	return 0;
}
