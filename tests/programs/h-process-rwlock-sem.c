// expect: hazard ; kind: process-lock ; locks: map_lock job_sem ; note: a shared rwlock and a shared semaphore used as a lock, in both orders
#include "file.h"

static pthread_rwlock_t *map_lock;
static sem_t *job_sem;

static void shared_rwlock_init(pthread_rwlock_t *rw)
{
	pthread_rwlockattr_t a;

	pthread_rwlockattr_init(&a);
	pthread_rwlockattr_setpshared(&a, PTHREAD_PROCESS_SHARED);
	pthread_rwlock_init(rw, &a);
}

static void first(void)
{
	pthread_rwlock_rdlock(map_lock);
	sem_wait(job_sem);
	sem_post(job_sem);
	pthread_rwlock_unlock(map_lock);
}

static void second(void)
{
	nap(60);
	sem_wait(job_sem);
	pthread_rwlock_wrlock(map_lock);
	pthread_rwlock_unlock(map_lock);
	sem_post(job_sem);
}

int main(void)
{
	map_lock = shared_memory(sizeof(*map_lock));
	job_sem = shared_memory(sizeof(*job_sem));
	shared_rwlock_init(map_lock);
	sem_init(job_sem, 1, 1);
	run_two_processes(first, second);
	return 0;
}
