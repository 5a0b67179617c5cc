// expect: hang ; kind: mutex-order ; locks: dir_lock file_lock ; note: locks of objects on the heap, through pointers
#include "../../programs/meet.h"

struct dir {
	char name[8];
	pthread_mutex_t dir_lock;
};
struct file {
	struct dir *parent;
	pthread_mutex_t file_lock;
};

static void *rename_it(void *arg)
{
	struct file *f = arg;

	pthread_mutex_lock(&f->parent->dir_lock);
	meet(2);
	pthread_mutex_lock(&f->file_lock);
	return NULL;
}

static void *touch_it(void *arg)
{
	struct file *f = arg;

	pthread_mutex_lock(&f->file_lock);
	meet(2);
	pthread_mutex_lock(&f->parent->dir_lock);
	return NULL;
}

int main(void)
{
	struct file *f = calloc(1, sizeof(*f));
	pthread_t a, b;

	f->parent = calloc(1, sizeof(*f->parent));
	pthread_mutex_init(&f->file_lock, NULL);
	pthread_mutex_init(&f->parent->dir_lock, NULL);
	pthread_create(&a, NULL, rename_it, f);
	pthread_create(&b, NULL, touch_it, f);
	pthread_join(a, NULL);
	pthread_join(b, NULL);
	return 0;
}
