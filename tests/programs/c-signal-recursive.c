// expect: clean ; kind: signal-lock ; locks: lock_l ; note: the handler takes a recursive mutex again that its thread may hold
#include "context.h"

static pthread_mutex_t lock_l;

static void on_signal(int number)
{
	(void)number;
	section(&lock_l);
}

int main(void)
{
	pthread_mutexattr_t recursive;

	pthread_mutexattr_init(&recursive);
	pthread_mutexattr_settype(&recursive, PTHREAD_MUTEX_RECURSIVE);
	pthread_mutex_init(&lock_l, &recursive);
	install(SIGUSR1, on_signal, 0);
	pthread_mutex_lock(&lock_l);
	raise(SIGUSR1);
	pthread_mutex_unlock(&lock_l);
	raise(SIGUSR1);
	return 0;
}
