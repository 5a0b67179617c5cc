// expect: hazard ; kind: process-semaphore ; locks: lock_table sem_ready ; note: waits for a named semaphore with a shared mutex held that the process which posts takes first
#include "file.h"

static pthread_mutex_t *lock_table;

static void take(void)
{
	pthread_mutex_lock(lock_table);
	pthread_mutex_unlock(lock_table);
}
static char name[64];

static void first(void)
{
	sem_t *sem_ready = sem_open(name, O_CREAT, 0600, 0);

	take();
	nap(120);
	sem_post(sem_ready);
	sem_close(sem_ready);
}

static void second(void)
{
	sem_t *sem_ready = sem_open(name, O_CREAT, 0600, 0);

	nap(60);
	pthread_mutex_lock(lock_table);
	sem_wait(sem_ready);
	pthread_mutex_unlock(lock_table);
	sem_close(sem_ready);
}

int main(void)
{
	snprintf(name, sizeof(name), "/lockdag-%d", (int)getpid());
	lock_table = shared_memory(sizeof(*lock_table));
	shared_mutex_init(lock_table);
	run_two_processes(first, second);
	sem_unlink(name);
	return 0;
}
