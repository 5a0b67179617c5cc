// expect: hang ; kind: rwlock-writer ; locks: lock_mode rw_table ; note: a fair reader waits behind a writer, who waits for a reader, who waits for a mutex of the first
#include "subject.h"

static pthread_mutex_t lock_mode = PTHREAD_MUTEX_INITIALIZER;
static pthread_rwlock_t rw_table = PTHREAD_RWLOCK_WRITER_NONRECURSIVE_INITIALIZER_NP;

static void *reader(void *arg)
{
	(void)arg;
	pthread_rwlock_rdlock(&rw_table);
	nap(200);
	pthread_mutex_lock(&lock_mode);
	return NULL;
}

static void *writer(void *arg)
{
	(void)arg;
	nap(50);
	pthread_rwlock_wrlock(&rw_table);
	return NULL;
}

static void *late(void *arg)
{
	(void)arg;
	nap(100);
	pthread_mutex_lock(&lock_mode);
	pthread_rwlock_rdlock(&rw_table);
	return NULL;
}

int main(void)
{
	run_three(reader, writer, late);
	return 0;
}
