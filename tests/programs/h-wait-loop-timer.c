// expect: hazard ; kind: completion ; locks: lock_cache replied ; note: a thread holds a lock while it waits for an event loop's answer; the loop takes the lock when it times out, which it may at any time
#include "meet.h"
#include <sys/epoll.h>
#include <sys/eventfd.h>

static pthread_mutex_t lock_cache = PTHREAD_MUTEX_INITIALIZER;
static sem_t replied;
static int request, set, gone;

static void *loop(void *arg)
{
	struct epoll_event e;
	uint64_t n;

	for (int turns = 0; epoll_wait(set, &e, 1, turns < 2 ? 20 : -1) == 0; turns++) {
		pthread_mutex_lock(&lock_cache);
		pthread_mutex_unlock(&lock_cache);
		if (turns == 1)
			through(&gone);
	}
	if (read(request, &n, sizeof(n)) != sizeof(n))
		abort();
	sem_post(&replied);
	return arg;
}

static void *client(void *arg)
{
	uint64_t n = 1;

	await(&gone);
	pthread_mutex_lock(&lock_cache);
	if (write(request, &n, sizeof(n)) != sizeof(n))
		abort();
	sem_wait(&replied);
	pthread_mutex_unlock(&lock_cache);
	return arg;
}

int main(void)
{
	struct epoll_event e = { .events = EPOLLIN };

	sem_init(&replied, 0, 0);
	request = eventfd(0, EFD_NONBLOCK);
	set = epoll_create1(0);
	epoll_ctl(set, EPOLL_CTL_ADD, request, &e);
	run_two(loop, client);
	return 0;
}
