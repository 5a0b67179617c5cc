// expect: hazard ; kind: pipe-reply ; locks: lock_client * ; note: the reply is there already when it is read with the lock held that the server took before it wrote
#include "subject.h"

static pthread_mutex_t lock_client = PTHREAD_MUTEX_INITIALIZER;
static int reply[2];

static void *client(void *arg)
{
	char c;

	nap(120);
	pthread_mutex_lock(&lock_client);
	if (read(reply[0], &c, 1) != 1)
		abort();
	pthread_mutex_unlock(&lock_client);
	return arg;
}

static void *server(void *arg)
{
	pthread_mutex_lock(&lock_client);
	pthread_mutex_unlock(&lock_client);
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
