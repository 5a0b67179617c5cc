// expect: hang ; kind: pipe-reply ; locks: lock_loop wake_pipe ; note: an event loop polls only a pipe of its own, with a lock held that all wait for who could write to it
#include "../../programs/meet.h"
#include <poll.h>

static pthread_mutex_t lock_loop = PTHREAD_MUTEX_INITIALIZER;
static int wake[2];

static void *loop(void *arg)
{
	struct pollfd fds[1] = { { .fd = wake[0], .events = POLLIN } };

	(void)arg;
	pthread_mutex_lock(&lock_loop);
	meet(2);
	poll(fds, 1, -1);
	return NULL;
}

static void *worker(void *arg)
{
	(void)arg;
	meet(2);
	pthread_mutex_lock(&lock_loop);
	return NULL;
}

int main(void)
{
	if (pipe(wake))
		return 1;
	run_two(loop, worker);
	return 0;
}
