// expect: hazard ; kind: process-socket ; locks: lock_table * ; note: two processes and a lock in memory that they share: a reply over an abstract local socket is read with the lock held that the server takes before it answers
#include "file.h"
#include "meet.h"

#include <stddef.h>
#include <sys/socket.h>
#include <sys/un.h>

static struct shared {
	pthread_mutex_t lock_table;
	int listens, gone;
} *shared;

static struct sockaddr_un address = { .sun_family = AF_UNIX };
static socklen_t size;

static void serves(void)
{
	int listener = socket(AF_UNIX, SOCK_SEQPACKET, 0), fd;
	char c;

	if (bind(listener, (struct sockaddr *)&address, size) || listen(listener, 1))
		abort();
	through(&shared->listens);
	fd = accept(listener, NULL, NULL);
	if (recv(fd, &c, 1, 0) != 1)
		abort();
	pthread_mutex_lock(&shared->lock_table);
	pthread_mutex_unlock(&shared->lock_table);
	through(&shared->gone);
	if (send(fd, &c, 1, 0) != 1)
		abort();
}

static void asks(void)
{
	int fd = socket(AF_UNIX, SOCK_SEQPACKET, 0);
	char c = 'q';

	await(&shared->listens);
	if (connect(fd, (struct sockaddr *)&address, size) || send(fd, &c, 1, 0) != 1)
		abort();
	await(&shared->gone);
	pthread_mutex_lock(&shared->lock_table);
	if (recv(fd, &c, 1, 0) != 1)
		abort();
	pthread_mutex_unlock(&shared->lock_table);
}

int main(void)
{
	shared = shared_memory(sizeof(*shared));
	shared_mutex_init(&shared->lock_table);
	size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 +
		snprintf(address.sun_path + 1, 40, "lockdag-subject-%d", (int)getpid()));
	run_two_processes(serves, asks);
	return 0;
}
