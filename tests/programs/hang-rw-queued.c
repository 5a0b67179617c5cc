// expect: hang ; kind: rwlock-writer ; locks: lock_mode rw_table ; note: a fair reader waits behind a writer, who waits for a reader, who waits for a mutex of the first
#include "meet.h"

static pthread_mutex_t lock_mode = PTHREAD_MUTEX_INITIALIZER;
static pthread_rwlock_t rw_table = PTHREAD_RWLOCK_WRITER_NONRECURSIVE_INITIALIZER_NP;
static int both;

/* Until the writer is in the queue: a fair read is refused then. */
static void await_writer(void)
{
	while (!pthread_rwlock_tryrdlock(&rw_table)) {
		pthread_rwlock_unlock(&rw_table);
		nap(1);
	}
}

static void *reader(void *arg)
{
	(void)arg;
	pthread_rwlock_rdlock(&rw_table);
	meet(2);
	meet_at(&both, 2);
	pthread_mutex_lock(&lock_mode);
	return NULL;
}

static void *writer(void *arg)
{
	(void)arg;
	meet(2);
	pthread_rwlock_wrlock(&rw_table);
	return NULL;
}

static void *late(void *arg)
{
	(void)arg;
	await_writer();
	pthread_mutex_lock(&lock_mode);
	meet_at(&both, 2);
	pthread_rwlock_rdlock(&rw_table);
	return NULL;
}

int main(void)
{
	run_three(reader, writer, late);
	return 0;
}
