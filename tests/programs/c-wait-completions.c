// expect: clean ; kind: completion ; locks: lock_dev * ; note: two completions of one class: the thread that took the lock completes the one that is waited for with no lock held
#include "subject.h"

struct completion {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	int done;
};

static pthread_mutex_t lock_dev = PTHREAD_MUTEX_INITIALIZER;
static struct completion *loaded, *probed;

static struct completion *completion_new(void)
{
	struct completion *c = calloc(1, sizeof(*c));

	pthread_mutex_init(&c->lock, NULL);
	pthread_cond_init(&c->changed, NULL);
	return c;
}

static void completion_wait(struct completion *c)
{
	pthread_mutex_lock(&c->lock);
	while (!c->done)
		pthread_cond_wait(&c->changed, &c->lock);
	pthread_mutex_unlock(&c->lock);
}

static void complete(struct completion *c)
{
	pthread_mutex_lock(&c->lock);
	c->done = 1;
	pthread_cond_broadcast(&c->changed);
	pthread_mutex_unlock(&c->lock);
}

static void *waiter(void *arg)
{
	nap(50);
	pthread_mutex_lock(&lock_dev);
	completion_wait(loaded);
	pthread_mutex_unlock(&lock_dev);
	completion_wait(probed);
	return arg;
}

static void *locker(void *arg)
{
	pthread_mutex_lock(&lock_dev);
	pthread_mutex_unlock(&lock_dev);
	nap(250);
	complete(probed);
	return arg;
}

static void *other(void *arg)
{
	nap(150);
	complete(loaded);
	return arg;
}

int main(void)
{
	loaded = completion_new();
	probed = completion_new();
	run_three(waiter, locker, other);
	return 0;
}
