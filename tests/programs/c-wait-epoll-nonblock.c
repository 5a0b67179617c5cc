// expect: clean ; kind: pipe-reply ; locks: lock_state * ; note: an epoll set with two event counters in it, which never block, is awaited with a lock held: either wakes it
#include "meet.h"
#include <sys/epoll.h>
#include <sys/eventfd.h>

static pthread_mutex_t lock_state = PTHREAD_MUTEX_INITIALIZER;
static int done, other, set, gone;

static void *waiter(void *arg)
{
	struct epoll_event e;
	uint64_t n;

	await(&gone);
	pthread_mutex_lock(&lock_state);
	do {
		if (epoll_wait(set, &e, 1, -1) != 1)
			abort();
	} while (read(done, &n, sizeof(n)) != sizeof(n));
	pthread_mutex_unlock(&lock_state);
	return arg;
}

static void *poster(void *arg)
{
	uint64_t n = 1;

	pthread_mutex_lock(&lock_state);
	pthread_mutex_unlock(&lock_state);
	through(&gone);
	if (write(done, &n, sizeof(n)) != sizeof(n))
		abort();
	return arg;
}

int main(void)
{
	struct epoll_event e = { .events = EPOLLIN };

	done = eventfd(0, EFD_NONBLOCK);
	set = epoll_create1(0);
	epoll_ctl(set, EPOLL_CTL_ADD, done, &e);
	other = eventfd(0, EFD_NONBLOCK);
	epoll_ctl(set, EPOLL_CTL_ADD, other, &e);
	run_two(waiter, poster);
	return 0;
}
