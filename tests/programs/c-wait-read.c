// expect: clean ; kind: lock-semaphore ; locks: lock_map done ; note: a read lock is held over a wait; the poster takes it to read, and nobody writes
#include "subject.h"

static pthread_rwlock_t lock_map = PTHREAD_RWLOCK_INITIALIZER;
static sem_t done;

static void *first(void *arg)
{
	nap(50);
	pthread_rwlock_rdlock(&lock_map);
	sem_wait(&done);
	pthread_rwlock_unlock(&lock_map);
	return arg;
}

static void *second(void *arg)
{
	pthread_rwlock_rdlock(&lock_map);
	pthread_rwlock_unlock(&lock_map);
	nap(150);
	sem_post(&done);
	return arg;
}

int main(void)
{
	sem_init(&done, 0, 0);
	run_two(first, second);
	return 0;
}
