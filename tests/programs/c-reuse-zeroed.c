// expect: clean ; kind: address-reuse ; locks: lock_shared lock ; note: freed without destroy, the same zeroed memory is an object of another kind, used the other way round
#include "subject.h"

struct outer {
	pthread_mutex_t outer_lock;
	char rest[200];
};

struct inner {
	pthread_mutex_t inner_lock;
	char rest[200];
};

static pthread_mutex_t lock_shared = PTHREAD_MUTEX_INITIALIZER;

static void *work(void *arg)
{
	(void)arg;
	for (int i = 0; i < 5; i++) {
		struct outer *o = calloc(1, sizeof(*o));
		struct inner *n;

		pthread_mutex_lock(&o->outer_lock);
		pthread_mutex_lock(&lock_shared);
		pthread_mutex_unlock(&lock_shared);
		pthread_mutex_unlock(&o->outer_lock);
		free(o);

		n = calloc(1, sizeof(*n));
		pthread_mutex_lock(&lock_shared);
		pthread_mutex_lock(&n->inner_lock);
		pthread_mutex_unlock(&n->inner_lock);
		pthread_mutex_unlock(&lock_shared);
		free(n);
	}
	return NULL;
}

int main(void)
{
	run_two(work, work);
	return 0;
}
