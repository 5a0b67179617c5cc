// expect: hazard ; kind: address-reuse ; locks: lock_shared outer_lock ; note: as c-reuse-init, but the objects that come and go at that place are of one kind
#include "subject.h"

struct outer {
	pthread_mutex_t outer_lock;
};

static pthread_mutex_t lock_shared = PTHREAD_MUTEX_INITIALIZER;

static __attribute__((noinline)) struct outer *make(void *place)
{
	struct outer *o = place;

	pthread_mutex_init(&o->outer_lock, NULL);
	return o;
}

static void *work(void *arg)
{
	void *place = malloc(256);

	(void)arg;
	for (int i = 0; i < 5; i++) {
		struct outer *o = make(place);

		pthread_mutex_lock(&o->outer_lock);
		pthread_mutex_lock(&lock_shared);
		pthread_mutex_unlock(&lock_shared);
		pthread_mutex_unlock(&o->outer_lock);
		pthread_mutex_destroy(&o->outer_lock);

		o = make(place);
		pthread_mutex_lock(&lock_shared);
		pthread_mutex_lock(&o->outer_lock);
		pthread_mutex_unlock(&o->outer_lock);
		pthread_mutex_unlock(&lock_shared);
		pthread_mutex_destroy(&o->outer_lock);
	}
	free(place);
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
