// expect: hang ; kind: pipe-reply ; locks: lock_work done_pipe ; note: an eventfd is read with the lock held which the one who writes to it takes first
#include "../../programs/meet.h"
#include <sys/eventfd.h>

static pthread_mutex_t lock_work = PTHREAD_MUTEX_INITIALIZER;
static int done;

static void *worker(void *arg)
{
	meet(2);
	pthread_mutex_lock(&lock_work);
	pthread_mutex_unlock(&lock_work);
	eventfd_write(done, 1);
	return arg;
}

static void *waiter(void *arg)
{
	eventfd_t n;

	pthread_mutex_lock(&lock_work);
	meet(2);
	eventfd_read(done, &n);
	pthread_mutex_unlock(&lock_work);
	return arg;
}

int main(void)
{
	done = eventfd(0, 0);
	run_two(worker, waiter);
	return 0;
}
