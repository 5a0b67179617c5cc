// expect: hang ; kind: pipe-reply ; locks: lock_peer peer_pipe ; note: a pair of sockets within one process
#include "../../programs/meet.h"
#include <sys/socket.h>

static pthread_mutex_t lock_peer = PTHREAD_MUTEX_INITIALIZER;
static int peer[2];

static void *serve(void *arg)
{
	char c;

	meet(2);
	if (recv(peer[1], &c, 1, 0) != 1)
		abort();
	pthread_mutex_lock(&lock_peer);
	pthread_mutex_unlock(&lock_peer);
	if (send(peer[1], &c, 1, 0) != 1)
		abort();
	return arg;
}

static void *ask(void *arg)
{
	char c = 0;

	pthread_mutex_lock(&lock_peer);
	meet(2);
	if (send(peer[0], &c, 1, 0) != 1 || recv(peer[0], &c, 1, 0) != 1)
		abort();
	pthread_mutex_unlock(&lock_peer);
	return arg;
}

int main(void)
{
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, peer))
		return 1;
	run_two(serve, ask);
	return 0;
}
