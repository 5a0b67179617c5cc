// expect: clean ; kind: pipe-reply ; locks: lock_setup done ; note: what a thread's event loop did for earlier events is no evidence for the signal it gives for this one
#include "subject.h"
#include <poll.h>

static pthread_mutex_t lock_setup = PTHREAD_MUTEX_INITIALIZER;
static sem_t done;
static int jobs[2], outside[2];

static void *loop(void *arg)
{
	struct pollfd wanted[2] = {{.fd = jobs[0], .events = POLLIN}, {.fd = outside[0], .events = POLLIN}};
	char c = 0;

	while (c != 'q') {
		poll(wanted, 2, -1);
		if (read(jobs[0], &c, 1) != 1)
			abort();
		if (c == 's') {
			pthread_mutex_lock(&lock_setup);
			pthread_mutex_unlock(&lock_setup);
		} else if (c == 'j') {
			sem_post(&done);
		}
	}
	return arg;
}

static void *client(void *arg)
{
	nap(20);
	if (write(jobs[1], "s", 1) != 1)
		abort();
	nap(60);
	pthread_mutex_lock(&lock_setup);
	if (write(jobs[1], "j", 1) != 1)
		abort();
	sem_wait(&done);
	pthread_mutex_unlock(&lock_setup);
	if (write(jobs[1], "q", 1) != 1)
		abort();
	return arg;
}

int main(void)
{
	sem_init(&done, 0, 0);
	if (pipe(jobs) || pipe(outside))
		return 1;
	run_two(loop, client);
	return 0;
}
