// expect: clean ; kind: lock-join ; locks: lock * ; note: each thread holds the lock of an object of its own, made by itself, and joins the thread below it
#include "subject.h"

struct isolate {
	pthread_mutex_t lock;
	int depth;
};

static void *run(void *arg)
{
	struct isolate *me = malloc(sizeof(*me));
	pthread_t t;

	pthread_mutex_init(&me->lock, NULL);
	me->depth = *(int *)arg;
	pthread_mutex_lock(&me->lock);
	if (me->depth) {
		int below = me->depth - 1;

		pthread_create(&t, NULL, run, &below);
		pthread_join(t, NULL);
	}
	pthread_mutex_unlock(&me->lock);
	pthread_mutex_destroy(&me->lock);
	free(me);
	return NULL;
}

int main(void)
{
	int depth = 2;

	run(&depth);
	return 0;
}
