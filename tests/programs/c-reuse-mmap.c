// expect: clean ; kind: address-reuse ; locks: lock_shared lock ; note: unmapped without destroy, the next mapping at the same place has a lock of another kind, used the other way round
#include "subject.h"
#include <sys/mman.h>

struct outer {
	pthread_mutex_t outer_lock;
};

struct inner {
	pthread_mutex_t inner_lock;
};

static pthread_mutex_t lock_shared = PTHREAD_MUTEX_INITIALIZER;

static void *map(void *at)
{
	void *p = mmap(at, 4096, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | (at ? MAP_FIXED_NOREPLACE : 0), -1, 0);

	if (p == MAP_FAILED)
		exit(3);
	return p;
}

static void *work(void *arg)
{
	(void)arg;
	for (int i = 0; i < 5; i++) {
		struct outer *o = map(NULL);
		struct inner *n;

		pthread_mutex_init(&o->outer_lock, NULL);
		pthread_mutex_lock(&o->outer_lock);
		pthread_mutex_lock(&lock_shared);
		pthread_mutex_unlock(&lock_shared);
		pthread_mutex_unlock(&o->outer_lock);
		munmap(o, 4096);

		n = map(o);
		pthread_mutex_init(&n->inner_lock, NULL);
		pthread_mutex_lock(&lock_shared);
		pthread_mutex_lock(&n->inner_lock);
		pthread_mutex_unlock(&n->inner_lock);
		pthread_mutex_unlock(&lock_shared);
		munmap(n, 4096);
	}
	return NULL;
}

static void *later(void *arg)
{
	nap(60);
	return work(arg);
}

int main(void)
{
	run_two(work, later);
	return 0;
}
