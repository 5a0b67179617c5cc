// expect: hang ; kind: pipe-reply ; locks: lock_work done_pipe ; note: the same, of an object on the heap
#include "../../programs/meet.h"
#include <sys/eventfd.h>

struct work {
	pthread_mutex_t lock_work;
	int done;
};

static void *worker(void *arg)
{
	struct work *w = arg;

	meet(2);
	pthread_mutex_lock(&w->lock_work);
	pthread_mutex_unlock(&w->lock_work);
	eventfd_write(w->done, 1);
	return NULL;
}

static void *waiter(void *arg)
{
	struct work *w = arg;
	eventfd_t n;

	pthread_mutex_lock(&w->lock_work);
	meet(2);
	eventfd_read(w->done, &n);
	pthread_mutex_unlock(&w->lock_work);
	return NULL;
}

int main(void)
{
	struct work *w = calloc(1, sizeof(*w));
	pthread_t a, b;

	pthread_mutex_init(&w->lock_work, NULL);
	w->done = eventfd(0, 0);
	pthread_create(&a, NULL, worker, w);
	pthread_create(&b, NULL, waiter, w);
	pthread_join(a, NULL);
	pthread_join(b, NULL);
	return 0;
}
