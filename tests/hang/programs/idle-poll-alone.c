// expect: idle ; kind: poll ; verdict: * ; note: an event loop that polls only a pipe of its own, with a lock held that nobody wants; workers are idle
#include "../../programs/subject.h"
#include <poll.h>

static pthread_mutex_t lock_loop = PTHREAD_MUTEX_INITIALIZER;
static sem_t work;

static void *worker(void *arg)
{
	sem_wait(&work);
	return arg;
}

int main(void)
{
	struct pollfd fds[1] = { { .events = POLLIN } };
	pthread_t t;
	int wake[2];

	sem_init(&work, 0, 0);
	if (pipe(wake))
		return 1;
	fds[0].fd = wake[0];
	pthread_mutex_lock(&lock_loop);
	pthread_create(&t, NULL, worker, NULL);
	poll(fds, 1, -1);
	return 0;
}
