// expect: clean ; kind: pipe-reply ; locks: lock_client * ; note: a reply over a socket pair is read with no lock held
#include "subject.h"
#include <sys/socket.h>

static pthread_mutex_t lock_client = PTHREAD_MUTEX_INITIALIZER;
static int ends[2];

static void *client(void *arg)
{
	char c = 'x';

	if (write(ends[0], &c, 1) != 1)
		abort();
	nap(60);
	pthread_mutex_lock(&lock_client);
	pthread_mutex_unlock(&lock_client);
	if (read(ends[0], &c, 1) != 1)
		abort();
	return arg;
}

static void *server(void *arg)
{
	char c;

	if (read(ends[1], &c, 1) != 1)
		abort();
	pthread_mutex_lock(&lock_client);
	pthread_mutex_unlock(&lock_client);
	nap(150);
	if (write(ends[1], &c, 1) != 1)
		abort();
	return arg;
}

int main(void)
{
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends))
		abort();
	run_two(client, server);
	return 0;
}
