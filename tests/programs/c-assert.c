// expect: clean ; kind: assert-held ; locks: cache_lock ; note: all that is asserted holds: held in any mode, for reading, for writing, by this thread and no other, nothing but work and counts
#include "subject.h"

#include "../../include/lockdag/lockdag.h"

struct own {
	int word;
};
static pthread_mutex_t cache_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t counter = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;
static pthread_rwlock_t table = PTHREAD_RWLOCK_INITIALIZER;
static struct own own;
static sem_t slots;
static int job;

static void *holder(void *arg)
{
	pthread_mutex_lock(&cache_lock);
	lockdag_assert_held(&cache_lock);
	nap(100);
	pthread_mutex_unlock(&cache_lock);
	return arg;
}

static void *other(void *arg)
{
	nap(50);
	lockdag_assert_not_held(&cache_lock); /* another thread has it */
	lockdag_assert_none_held();
	return arg;
}

static void modes(void)
{
	pthread_rwlock_rdlock(&table);
	lockdag_assert_held(&table);
	lockdag_assert_held_read(&table);
	pthread_rwlock_unlock(&table);
	pthread_rwlock_wrlock(&table);
	lockdag_assert_held(&table);
	lockdag_assert_held_write(&table);
	pthread_rwlock_unlock(&table);
	pthread_mutex_lock(&counter);
	pthread_mutex_lock(&counter);
	pthread_mutex_unlock(&counter);
	lockdag_assert_held_write(&counter);
	pthread_mutex_unlock(&counter);
	lockdag_assert_not_held(&counter);
}

static void *never_freed(void *arg)
{
	lockdag_acquired(&own, "own", LOCKDAG_WRITE);
	lockdag_assert_held(&own);
	lockdag_released(&own);
	lockdag_destroyed(&own);
	lockdag_assert_not_held(&own);
	return arg;
}

int main(void)
{
	run_two(holder, other);
	modes();
	never_freed(NULL);
	sem_init(&slots, 0, 2);
	sem_wait(&slots);
	lockdag_work_begin(&job, "job");
	lockdag_assert_none_held();
	lockdag_work_end(&job);
	sem_post(&slots);
	return 0;
}
