// expect: hazard ; kind: signal-lock ; locks: lock_s ; note: a semaphore as a lock
#include "context.h"

static sem_t lock_s;

static void on_signal(int number)
{
	(void)number;
	sem_wait(&lock_s);
	sem_post(&lock_s);
}

int main(void)
{
	sem_init(&lock_s, 0, 1);
	install(SIGUSR1, on_signal, 0);
	on_signal(0);
	raise(SIGUSR1);
	return 0;
}
