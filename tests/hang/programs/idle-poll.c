// expect: idle ; kind: poll ; verdict: blocked ; note: an event loop with a pipe to itself, to which a handler may write; a worker waits for the lock it holds
#include "../../programs/meet.h"
#include <poll.h>
#include <signal.h>

static pthread_mutex_t lock_loop = PTHREAD_MUTEX_INITIALIZER;
static int wake[2];

static void on_term(int signal)
{
	(void)signal;
	if (write(wake[1], "x", 1) != 1)
		abort();
}

static void *loop(void *arg)
{
	struct pollfd fds[1] = { { .fd = wake[0], .events = POLLIN } };

	(void)arg;
	pthread_mutex_lock(&lock_loop);
	meet(2);
	poll(fds, 1, -1);
	pthread_mutex_unlock(&lock_loop);
	return NULL;
}

static void *worker(void *arg)
{
	(void)arg;
	meet(2);
	pthread_mutex_lock(&lock_loop);
	pthread_mutex_unlock(&lock_loop);
	return NULL;
}

int main(void)
{
	if (pipe(wake))
		return 1;
	signal(SIGTERM, on_term);
	run_two(loop, worker);
	return 0;
}
