// expect: hazard ; kind: pipe-reply ; locks: lock_client * ; note: polls for the reply, without limit, with the lock held that the server took before it wrote
#include "subject.h"
#include <poll.h>

static pthread_mutex_t lock_client = PTHREAD_MUTEX_INITIALIZER;
static int reply[2];

static void *client(void *arg)
{
	struct pollfd p = { .fd = reply[0], .events = POLLIN };
	char c;

	nap(60);
	pthread_mutex_lock(&lock_client);
	if (poll(&p, 1, -1) != 1 || read(reply[0], &c, 1) != 1)
		abort();
	pthread_mutex_unlock(&lock_client);
	return arg;
}

static void *server(void *arg)
{
	pthread_mutex_lock(&lock_client);
	pthread_mutex_unlock(&lock_client);
	nap(150);
	if (write(reply[1], "r", 1) != 1)
		abort();
	return arg;
}

int main(void)
{
	if (pipe(reply))
		return 1;
	run_two(client, server);
	return 0;
}
