// expect: hang ; kind: pipe-reply ; locks: lock_client reply ; core: blocked ; note: descriptors are closed, and of several kinds: what is in memory may be old
#include "../../programs/meet.h"
#include <fcntl.h>

static pthread_mutex_t lock_client = PTHREAD_MUTEX_INITIALIZER;
static int request[2], reply[2];

static void *serves(void *arg)
{
	char c;

	meet(2);
	if (read(request[0], &c, 1) != 1)
		abort();
	pthread_mutex_lock(&lock_client);
	pthread_mutex_unlock(&lock_client);
	if (write(reply[1], &c, 1) != 1)
		abort();
	return arg;
}

static void *asks(void *arg)
{
	char c = 'x';

	if (write(request[1], &c, 1) != 1)
		abort();
	pthread_mutex_lock(&lock_client);
	meet(2);
	if (read(reply[0], &c, 1) != 1)
		abort();
	pthread_mutex_unlock(&lock_client);
	return arg;
}

int main(void)
{
	int fd = open("/dev/null", O_RDONLY);

	if (fd < 0 || pipe(request) || pipe(reply))
		return 1;
	close(fd);
	run_two(serves, asks);
	return 0;
}
