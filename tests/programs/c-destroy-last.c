// expect: clean ; kind: destroy-held ; locks: ref_lock ; note: the last user unlocks, another destroys at once and frees
#include "subject.h"

struct object {
	pthread_mutex_t ref_lock;
	int users;
};

static void put(struct object *o)
{
	int left;

	pthread_mutex_lock(&o->ref_lock);
	left = --o->users;
	pthread_mutex_unlock(&o->ref_lock);
	if (!left) {
		pthread_mutex_destroy(&o->ref_lock);
		free(o);
	}
}

static void *user(void *arg)
{
	put(arg);
	return NULL;
}

int main(void)
{
	for (int i = 0; i < 50; i++) {
		struct object *o = malloc(sizeof(*o));
		pthread_t t;

		pthread_mutex_init(&o->ref_lock, NULL);
		o->users = 2;
		pthread_create(&t, NULL, user, o);
		put(o);
		pthread_join(t, NULL);
	}
	return 0;
}
