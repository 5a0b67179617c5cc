// expect: idle ; kind: poll ; verdict: blocked ; core: none ; note: a worker waits for the lock of a loop that hangs for good if its epoll_wait ends: looking must not end it
#include "../../programs/meet.h"
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

static pthread_mutex_t lock_loop = PTHREAD_MUTEX_INITIALIZER;

static int wake;

static void on_term(int signal)
{
	(void)signal;
	if (eventfd_write(wake, 1))
		abort();
}

static void *loop(void *arg)
{
	struct epoll_event event = { .events = EPOLLIN };
	int set = epoll_create1(0);

	if (set < 0 || epoll_ctl(set, EPOLL_CTL_ADD, wake, &event))
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
	wake = eventfd(0, 0);
	signal(SIGTERM, on_term);
	run_two(loop, worker);
	return 0;
}
