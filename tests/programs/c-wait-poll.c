// expect: clean ; kind: pipe-reply ; locks: lock_client reply ; note: what is read with the lock held was polled for before, or is polled for a moment only, or beside another pipe, or never blocks
#include "subject.h"
#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>

static pthread_mutex_t lock_client = PTHREAD_MUTEX_INITIALIZER;
static int reply[4][2];

static void *client(void *arg)
{
	struct pollfd p[2] = { { .fd = reply[0][0], .events = POLLIN },
		{ .fd = reply[1][0], .events = POLLIN } };
	int no = 1;
	char c;

	if (poll(p, 1, -1) != 1)
		abort();
	pthread_mutex_lock(&lock_client);
	if (read(reply[0][0], &c, 1) != 1)
		abort();
	poll(p, 1, 20);
	if (poll(p, 2, -1) < 1 || read(reply[1][0], &c, 1) != 1)
		abort();
	fcntl(reply[2][0], F_SETFL, O_NONBLOCK);
	while (read(reply[2][0], &c, 1) != 1)
		nap(1);
	ioctl(reply[3][0], FIONBIO, &no);
	while (read(reply[3][0], &c, 1) != 1)
		nap(1);
	pthread_mutex_unlock(&lock_client);
	return arg;
}

static void *server(void *arg)
{
	pthread_mutex_lock(&lock_client);
	pthread_mutex_unlock(&lock_client);
	for (int i = 0; i < 4; i++) {
		nap(40);
		if (write(reply[i][1], "r", 1) != 1)
			abort();
	}
	return arg;
}

int main(void)
{
	for (int i = 0; i < 4; i++)
		if (pipe(reply[i]))
			return 1;
	run_two(client, server);
	return 0;
}
