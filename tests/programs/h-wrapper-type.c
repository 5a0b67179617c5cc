// expect: hazard ; kind: wrapper ; locks: write_lock free_lock ; note: a lock type of the program's own, in objects on the heap, initialised and locked by its functions
#include "meet.h"

typedef struct {
	int depth;
	pthread_mutex_t native;
} os_lock_t;

static __attribute__((noinline)) void os_lock_init(os_lock_t *l)
{
	l->depth = 0;
	pthread_mutex_init(&l->native, NULL);
}

static __attribute__((noinline)) void os_lock_enter(os_lock_t *l)
{
	pthread_mutex_lock(&l->native);
	l->depth++;
}

static __attribute__((noinline)) void os_lock_leave(os_lock_t *l)
{
	l->depth--;
	pthread_mutex_unlock(&l->native);
}

struct file {
	os_lock_t write_lock;
	int position;
};

struct space {
	int left;
	os_lock_t free_lock;
};

static struct file *file;
static struct space *space;
static int written;

static void both(os_lock_t *outer, os_lock_t *inner)
{
	os_lock_enter(outer);
	os_lock_enter(inner);
	os_lock_leave(inner);
	os_lock_leave(outer);
}

static void *writer(void *arg)
{
	both(&file->write_lock, &space->free_lock);
	through(&written);
	return arg;
}

static void *cleaner(void *arg)
{
	await(&written);
	both(&space->free_lock, &file->write_lock);
	return arg;
}

int main(void)
{
	file = calloc(1, sizeof(*file));
	space = calloc(1, sizeof(*space));
	os_lock_init(&file->write_lock);
	os_lock_init(&space->free_lock);
	run_two(writer, cleaner);
	free(file);
	free(space);
	return 0;
}
