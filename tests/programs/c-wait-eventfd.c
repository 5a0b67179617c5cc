// expect: clean ; kind: pipe-reply ; locks: lock_client * ; note: an event counter is read with a lock held which the writer takes only after it has written
#include "subject.h"
#include <sys/eventfd.h>

static pthread_mutex_t lock_client = PTHREAD_MUTEX_INITIALIZER;
static int done;

static void touch(void)
{
	pthread_mutex_lock(&lock_client);
	pthread_mutex_unlock(&lock_client);
}

static void *first(void *arg)
{
	uint64_t n;

	nap(50);
	pthread_mutex_lock(&lock_client);
	if (read(done, &n, sizeof(n)) != sizeof(n))
		abort();
	pthread_mutex_unlock(&lock_client);
	return arg;
}

static void *second(void *arg)
{
	uint64_t n = 1;

	nap(150);
	if (write(done, &n, sizeof(n)) != sizeof(n))
		abort();
	touch();
	return arg;
}

int main(void)
{
	done = eventfd(0, 0);
	run_two(first, second);
	return 0;
}
