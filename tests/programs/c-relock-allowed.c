// expect: clean ; kind: relock ; locks: rec_lock rw_twice try_lock ; note: recursive, read twice, tried and timed: none waits for ever
#include "subject.h"

static pthread_mutex_t rec_lock, try_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_rwlock_t rw_twice = PTHREAD_RWLOCK_INITIALIZER;

int main(void)
{
	struct timespec soon = deadline(CLOCK_REALTIME, 10);
	pthread_mutexattr_t attr;

	pthread_mutexattr_init(&attr);
	pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_RECURSIVE);
	pthread_mutex_init(&rec_lock, &attr);
	pthread_mutex_lock(&rec_lock);
	pthread_mutex_lock(&rec_lock);
	pthread_mutex_unlock(&rec_lock);
	pthread_mutex_unlock(&rec_lock);
	pthread_rwlock_rdlock(&rw_twice);
	pthread_rwlock_rdlock(&rw_twice);
	if (pthread_rwlock_trywrlock(&rw_twice) != EBUSY)
		abort();
	pthread_rwlock_unlock(&rw_twice);
	pthread_rwlock_unlock(&rw_twice);
	pthread_mutex_lock(&try_lock);
	if (pthread_mutex_trylock(&try_lock) != EBUSY ||
		pthread_mutex_timedlock(&try_lock, &soon) != ETIMEDOUT)
		abort();
	pthread_mutex_unlock(&try_lock);
	return 0;
}
