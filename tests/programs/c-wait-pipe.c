// expect: clean ; kind: pipe-reply ; locks: lock_client * ; note: a reply over pipes is read with no lock held
#include "subject.h"

static pthread_mutex_t lock_client = PTHREAD_MUTEX_INITIALIZER;
static int request[2], reply[2];

static void *client(void *arg)
{
	char c = 'x';

	if (write(request[1], &c, 1) != 1)
		abort();
	nap(60);
	pthread_mutex_lock(&lock_client);
	pthread_mutex_unlock(&lock_client);
	if (read(reply[0], &c, 1) != 1)
		abort();
	return arg;
}

static void *server(void *arg)
{
	char c;

	if (read(request[0], &c, 1) != 1)
		abort();
	pthread_mutex_lock(&lock_client);
	pthread_mutex_unlock(&lock_client);
	nap(150);
	if (write(reply[1], &c, 1) != 1)
		abort();
	return arg;
}

int main(void)
{
	if (pipe(request) || pipe(reply))
		abort();
	run_two(client, server);
	return 0;
}
