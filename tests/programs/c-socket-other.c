// expect: clean ; kind: socket-reply ; locks: lock_client * ; note: two connections: a reply is read with a lock held on the one whose server never takes it
#include "subject.h"
#include <arpa/inet.h>
#include <sys/socket.h>

static pthread_mutex_t lock_client = PTHREAD_MUTEX_INITIALIZER;
static int ends[2][2];

static void *serve(void *arg)
{
	const int which = (int)(long)arg;
	char c;

	if (recv(ends[which][1], &c, 1, 0) != 1)
		abort();
	if (which) {
		pthread_mutex_lock(&lock_client);
		pthread_mutex_unlock(&lock_client);
	}
	if (send(ends[which][1], &c, 1, 0) != 1)
		abort();
	return NULL;
}

static void ask(int which)
{
	char c = 'x';

	if (send(ends[which][0], &c, 1, 0) != 1 || recv(ends[which][0], &c, 1, 0) != 1)
		abort();
}

int main(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t size = sizeof(address);
	int listener = socket(AF_INET, SOCK_STREAM, 0);
	pthread_t threads[2];

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (bind(listener, (struct sockaddr *)&address, size) || listen(listener, 4) ||
		getsockname(listener, (struct sockaddr *)&address, &size))
		abort();
	for (long i = 0; i < 2; i++) {
		ends[i][0] = socket(AF_INET, SOCK_STREAM, 0);
		if (connect(ends[i][0], (struct sockaddr *)&address, size))
			abort();
		ends[i][1] = accept(listener, NULL, NULL);
		pthread_create(&threads[i], NULL, serve, (void *)i);
	}
	ask(1);
	pthread_mutex_lock(&lock_client);
	ask(0);
	pthread_mutex_unlock(&lock_client);
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	return 0;
}
