// expect: misuse ; kind: sem-destroy-waiter ; locks: sem_busy ; note: a semaphore is destroyed while a thread waits for it
#include "subject.h"

static sem_t sem_busy;

static void *waiter(void *arg)
{
	struct timespec soon = deadline(CLOCK_REALTIME, 200);

	(void)arg;
	sem_timedwait(&sem_busy, &soon);
	return NULL;
}

static void *closer(void *arg)
{
	(void)arg;
	nap(60);
	sem_destroy(&sem_busy);
	return NULL;
}

int main(void)
{
	sem_init(&sem_busy, 0, 0);
	run_two(waiter, closer);
	return 0;
}
