// expect: clean ; kind: completion ; locks: dev_lock fw_ready ; note: a completion in an object on the heap; the lock is taken after it was completed
#include "meet.h"

struct completion {
	int done;
	pthread_mutex_t mutex;
	pthread_cond_t cond;
};

static __attribute__((noinline)) void init_completion(struct completion *x)
{
	x->done = 0;
	pthread_mutex_init(&x->mutex, NULL);
	pthread_cond_init(&x->cond, NULL);
}

static void complete(struct completion *x)
{
	pthread_mutex_lock(&x->mutex);
	x->done = 1;
	pthread_cond_signal(&x->cond);
	pthread_mutex_unlock(&x->mutex);
}

/* asks: told when the wait is certain to come, for a completion that is there already is no wait */
static void wait_for_completion(struct completion *x, int *asks)
{
	pthread_mutex_lock(&x->mutex);
	through(asks);
	while (!x->done)
		pthread_cond_wait(&x->cond, &x->mutex);
	pthread_mutex_unlock(&x->mutex);
}

struct device {
	pthread_mutex_t dev_lock;
	struct completion fw_ready;
};

static struct device *dev;
static int locked, asked;

static void *firmware(void *arg)
{
	through(&locked);
	await(&asked);
	complete(&dev->fw_ready);
	pthread_mutex_lock(&dev->dev_lock);
	pthread_mutex_unlock(&dev->dev_lock);
	return arg;
}

int main(void)
{
	pthread_t t;

	dev = calloc(1, sizeof(*dev));
	pthread_mutex_init(&dev->dev_lock, NULL);
	init_completion(&dev->fw_ready);
	pthread_create(&t, NULL, firmware, NULL);
	await(&locked);
	pthread_mutex_lock(&dev->dev_lock);
	wait_for_completion(&dev->fw_ready, &asked);
	pthread_mutex_unlock(&dev->dev_lock);
	pthread_join(t, NULL);
	free(dev);
	return 0;
}
