// expect: clean ; kind: completion ; locks: lock_cache replied ; note: an event loop takes the lock for one request, and answers another one, for which somebody waits with the lock held, without it
#include "meet.h"
#include <sys/epoll.h>
#include <sys/eventfd.h>

static pthread_mutex_t lock_cache = PTHREAD_MUTEX_INITIALIZER;
static sem_t replied;
static int refresh, ping, loop_set;
static int refreshed[2];

static void post(int fd)
{
	uint64_t n = 1;

	if (write(fd, &n, sizeof(n)) != sizeof(n))
		abort();
}

static void *loop(void *arg)
{
	for (int left = 4, n_refreshed = 0; left;) {
		struct epoll_event e;
		uint64_t n;

		if (epoll_wait(loop_set, &e, 1, -1) != 1 || read(e.data.fd, &n, sizeof(n)) != sizeof(n))
			abort();
		left--;
		if (e.data.fd == refresh) {
			pthread_mutex_lock(&lock_cache);
			pthread_mutex_unlock(&lock_cache);
			through(&refreshed[n_refreshed++]);
		} else {
			sem_post(&replied);
		}
	}
	return arg;
}

static void *client(void *arg)
{
	for (int i = 0; i < 2; i++) {
		post(refresh);
		await(&refreshed[i]);
		pthread_mutex_lock(&lock_cache);
		post(ping);
		sem_wait(&replied);
		pthread_mutex_unlock(&lock_cache);
	}
	return arg;
}

int main(void)
{
	struct epoll_event e = { .events = EPOLLIN };

	sem_init(&replied, 0, 0);
	loop_set = epoll_create1(0);
	e.data.fd = refresh = eventfd(0, 0);
	epoll_ctl(loop_set, EPOLL_CTL_ADD, refresh, &e);
	e.data.fd = ping = eventfd(0, 0);
	epoll_ctl(loop_set, EPOLL_CTL_ADD, ping, &e);
	run_two(loop, client);
	return 0;
}
