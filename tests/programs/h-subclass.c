// expect: hazard ; kind: lock-class ; locks: dir dir/1 ; note: a lock of level 1 is taken before one of level 0, and after it
#include "../../include/lockdag/lockdag.h"
#include "subject.h"

struct dir {
	pthread_mutex_t lock;
};
static struct dir *parents[2], *children[2];

static void both(struct dir *outer, struct dir *inner)
{
	pthread_mutex_lock(&outer->lock);
	pthread_mutex_lock(&inner->lock);
	pthread_mutex_unlock(&inner->lock);
	pthread_mutex_unlock(&outer->lock);
}

static void *down(void *arg)
{
	both(parents[0], children[1]);
	return arg;
}

static void *other(void *arg)
{
	nap(50);
	both(children[0], parents[1]);
	return arg;
}

static struct dir *dir_new(unsigned level)
{
	struct dir *d = calloc(1, sizeof(*d));

	pthread_mutex_init(&d->lock, NULL);
	lockdag_name_subclass(&d->lock, "dir", level);
	return d;
}

int main(void)
{
	parents[0] = dir_new(0);
	children[0] = dir_new(1);
	parents[1] = dir_new(0);
	children[1] = dir_new(1);
	run_two(down, other);
	return 0;
}
