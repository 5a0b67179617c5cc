// expect: clean ; kind: same-class ; locks: lock journal ; note: one function makes the locks of folders and of files; a folder is only held over files, and the journal comes between the two
#include "subject.h"

#define N 6 /* three folders, three files */

struct object {
	pthread_mutex_t lock;
};

static struct object *objects[N];
static pthread_mutex_t journal = PTHREAD_MUTEX_INITIALIZER;

static struct object *object_new(void)
{
	struct object *o = calloc(1, sizeof(*o));

	pthread_mutex_init(&o->lock, NULL);
	return o;
}

static void nest(pthread_mutex_t *outer, pthread_mutex_t *inner)
{
	pthread_mutex_lock(outer);
	pthread_mutex_lock(inner);
	pthread_mutex_unlock(inner);
	pthread_mutex_unlock(outer);
}

static void *folders(void *arg)
{
	(void)arg;
	for (int i = 0; i < N / 2; i++) {
		nest(&objects[i]->lock, &journal);
		for (int k = N / 2; k < N; k++)
			nest(&objects[i]->lock, &objects[k]->lock);
	}
	return NULL;
}

static void *files(void *arg)
{
	(void)arg;
	nap(20);
	for (int k = N / 2; k < N; k++)
		nest(&journal, &objects[k]->lock);
	return NULL;
}

int main(void)
{
	for (int i = 0; i < N; i++)
		objects[i] = object_new();
	run_two(folders, files);
	return 0;
}
