// expect: hazard ; kind: process-semaphore ; locks: lock_table * ; probe: probe ; note: a System V semaphore from 0, waited for with the lock held that the other process takes before it gives it
#include "file.h"
#include "meet.h"

#include <sys/sem.h>

static struct shared {
	pthread_mutex_t lock_table;
	int gone;
} *shared;

static int set;

static void gives(void)
{
	struct sembuf up = { 0, 1, 0 };

	pthread_mutex_lock(&shared->lock_table);
	pthread_mutex_unlock(&shared->lock_table);
	through(&shared->gone);
	if (semop(set, &up, 1))
		abort();
}

static void takes(void)
{
	struct sembuf down = { 0, -1, 0 };

	await(&shared->gone);
	pthread_mutex_lock(&shared->lock_table);
	if (semop(set, &down, 1))
		abort();
	pthread_mutex_unlock(&shared->lock_table);
}

int main(int argc, char **argv)
{
	unsigned short none = 0;

	(void)argv;
	set = semget(IPC_PRIVATE, 1, IPC_CREAT | 0600);
	if (set < 0)
		return argc > 1 ? 77 : 1;
	if (argc == 1) {
		shared = shared_memory(sizeof(*shared));
		shared_mutex_init(&shared->lock_table);
		semctl(set, 0, SETALL, &none);
		run_two_processes(gives, takes);
	}
	semctl(set, 0, IPC_RMID);
	return 0;
}
