// expect: clean ; kind: socket-reply ; locks: stats_lock send_lock * ; note: a usual server: a thread for each connection, requests and replies of several clients, locks on both sides that nobody waits with
#include "subject.h"
#include <arpa/inet.h>
#include <sys/socket.h>

enum { CLIENTS = 4, CONNECTIONS = 6, REQUESTS = 20 };

static pthread_mutex_t stats_lock = PTHREAD_MUTEX_INITIALIZER;
static struct sockaddr_in address = { .sin_family = AF_INET };
static int listener, served;

static void *connection(void *arg)
{
	int fd = (int)(long)arg;
	char c;

	while (recv(fd, &c, 1, 0) == 1) {
		pthread_mutex_lock(&stats_lock);
		served++;
		if (send(fd, &c, 1, 0) != 1)
			abort();
		pthread_mutex_unlock(&stats_lock);
	}
	close(fd);
	return NULL;
}

static void *server(void *arg)
{
	pthread_t threads[CLIENTS * CONNECTIONS];

	for (int i = 0; i < CLIENTS * CONNECTIONS; i++)
		pthread_create(&threads[i], NULL, connection, (void *)(long)accept(listener, NULL, NULL));
	for (int i = 0; i < CLIENTS * CONNECTIONS; i++)
		pthread_join(threads[i], NULL);
	return arg;
}

static void *client(void *arg)
{
	static pthread_mutex_t send_lock = PTHREAD_MUTEX_INITIALIZER;

	for (int i = 0; i < CONNECTIONS; i++) {
		int fd = socket(AF_INET, SOCK_STREAM, 0);
		char c = 'x';

		if (connect(fd, (struct sockaddr *)&address, sizeof(address)))
			abort();
		for (int k = 0; k < REQUESTS; k++) {
			pthread_mutex_lock(&stats_lock);
			pthread_mutex_lock(&send_lock);
			if (send(fd, &c, 1, 0) != 1)
				abort();
			pthread_mutex_unlock(&send_lock);
			pthread_mutex_unlock(&stats_lock);
			if (recv(fd, &c, 1, 0) != 1)
				abort();
		}
		close(fd);
	}
	return arg;
}

int main(void)
{
	pthread_t threads[CLIENTS + 1];
	socklen_t size = sizeof(address);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	listener = socket(AF_INET, SOCK_STREAM, 0);
	if (bind(listener, (struct sockaddr *)&address, size) || listen(listener, 64) ||
		getsockname(listener, (struct sockaddr *)&address, &size))
		abort();
	for (int i = 0; i <= CLIENTS; i++)
		pthread_create(&threads[i], NULL, i ? client : server, NULL);
	for (int i = 0; i <= CLIENTS; i++)
		pthread_join(threads[i], NULL);
	return 0;
}
