// expect: idle ; kind: poll ; verdict: blocked ; core: none ; note: a worker waits for the lock of a loop that hangs for good if its epoll_wait ends: looking must not end it
#include "../../programs/meet.h"
#include <sys/epoll.h>
#include <sys/eventfd.h>

static pthread_mutex_t lock_loop = PTHREAD_MUTEX_INITIALIZER;

static void *loop(void *arg)
{
	struct epoll_event event = { .events = EPOLLIN };
	int set = epoll_create1(0), wake = eventfd(0, 0);

	if (set < 0 || wake < 0 || epoll_ctl(set, EPOLL_CTL_ADD, wake, &event))
		abort();
	pthread_mutex_lock(&lock_loop);
	meet(2);
	if (epoll_wait(set, &event, 1, -1) < 0)
		pthread_mutex_lock(&lock_loop);
	return arg;
}

static void *worker(void *arg)
{
	meet(2);
	pthread_mutex_lock(&lock_loop);
	return arg;
}

int main(void)
{
	run_two(loop, worker);
	return 0;
}
