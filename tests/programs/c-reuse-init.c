// expect: clean ; kind: address-reuse ; locks: lock_shared lock ; note: one place holds one kind of object, is destroyed, and holds another kind that is used the other way round
#include "subject.h"

struct outer {
	pthread_mutex_t outer_lock;
};

struct inner {
	pthread_mutex_t inner_lock;
};

static pthread_mutex_t lock_shared = PTHREAD_MUTEX_INITIALIZER;

static __attribute__((noinline)) void use_outer(struct outer *o)
{
	pthread_mutex_init(&o->outer_lock, NULL);
	pthread_mutex_lock(&o->outer_lock);
	pthread_mutex_lock(&lock_shared);
	pthread_mutex_unlock(&lock_shared);
	pthread_mutex_unlock(&o->outer_lock);
	pthread_mutex_destroy(&o->outer_lock);
}

static __attribute__((noinline)) void use_inner(struct inner *n)
{
	pthread_mutex_init(&n->inner_lock, NULL);
	pthread_mutex_lock(&lock_shared);
	pthread_mutex_lock(&n->inner_lock);
	pthread_mutex_unlock(&n->inner_lock);
	pthread_mutex_unlock(&lock_shared);
	pthread_mutex_destroy(&n->inner_lock);
}

static void *work(void *arg)
{
	void *place = malloc(256);

	(void)arg;
	for (int i = 0; i < 5; i++) {
		use_outer(place);
		use_inner(place);
	}
	free(place);
	return NULL;
}

int main(void)
{
	run_two(work, work);
	return 0;
}
