// expect: hang ; kind: socket-reply ; locks: lock_client * ; core: blocked ; note: reads a reply over a loopback connection with the lock held that the server takes before it answers
#include "meet.h"
#include <arpa/inet.h>
#include <sys/socket.h>

static pthread_mutex_t lock_client = PTHREAD_MUTEX_INITIALIZER;
static struct sockaddr_in address = { .sin_family = AF_INET };
static int listener;

static void *client(void *arg)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	char c = 'x';

	if (connect(fd, (struct sockaddr *)&address, sizeof(address)))
		abort();
	pthread_mutex_lock(&lock_client);
	meet(2);
	if (write(fd, &c, 1) != 1 || read(fd, &c, 1) != 1)
		abort();
	pthread_mutex_unlock(&lock_client);
	return arg;
}

static void *server(void *arg)
{
	int fd = accept(listener, NULL, NULL);
	char c;

	meet(2);
	if (read(fd, &c, 1) != 1)
		abort();
	pthread_mutex_lock(&lock_client);
	pthread_mutex_unlock(&lock_client);
	if (write(fd, &c, 1) != 1)
		abort();
	return arg;
}

int main(void)
{
	socklen_t size = sizeof(address);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	listener = socket(AF_INET, SOCK_STREAM, 0);
	if (bind(listener, (struct sockaddr *)&address, size) || listen(listener, 4) ||
		getsockname(listener, (struct sockaddr *)&address, &size))
		abort();
	run_two(client, server);
	return 0;
}
