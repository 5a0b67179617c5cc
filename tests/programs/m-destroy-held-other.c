// expect: misuse ; kind: destroy-held ; locks: rw_shared ; note: an rwlock is destroyed while another thread reads under it
#include "subject.h"

static pthread_rwlock_t rw_shared;

static void *reader(void *arg)
{
	(void)arg;
	pthread_rwlock_rdlock(&rw_shared);
	nap(150);
	return NULL;
}

static void *closer(void *arg)
{
	(void)arg;
	nap(60);
	pthread_rwlock_destroy(&rw_shared);
	return NULL;
}

int main(void)
{
	pthread_rwlock_init(&rw_shared, NULL);
	run_two(reader, closer);
	return 0;
}
