// expect: hazard ; kind: pipe-reply ; locks: lock_session wake ; note: a pipe is polled, then read, by readv, with a lock held which the writer takes before it writes
#include "subject.h"
#include <poll.h>
#include <sys/uio.h>

static pthread_mutex_t lock_session = PTHREAD_MUTEX_INITIALIZER;
static int wake[2];

static void *waits(void *arg)
{
	struct pollfd wanted = {.events = POLLIN};
	char c;
	struct iovec part = {&c, 1};

	nap(30);
	wanted.fd = wake[0];
	pthread_mutex_lock(&lock_session);
	poll(&wanted, 1, -1);
	if (readv(wake[0], &part, 1) != 1)
		abort();
	pthread_mutex_unlock(&lock_session);
	return arg;
}

static void *writes(void *arg)
{
	struct iovec part = {"x", 1};

	pthread_mutex_lock(&lock_session);
	pthread_mutex_unlock(&lock_session);
	nap(80);
	if (writev(wake[1], &part, 1) != 1)
		abort();
	return arg;
}

int main(void)
{
	if (pipe(wake))
		return 1;
	run_two(waits, writes);
	return 0;
}
