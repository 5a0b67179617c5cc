// expect: hazard ; kind: process-message ; locks: lock_table * ; probe: probe ; note: two processes and a lock in memory that they share: a reply is received from a System V queue with the lock held that the server takes before it sends it
#include "file.h"
#include "meet.h"

#include <sys/msg.h>

enum { REQUEST = 1, REPLY = 2 };

static struct shared {
	pthread_mutex_t lock_table;
	int gone;
} *shared;

static int queue;

static void sends(long type)
{
	const long message[2] = { type, 0 };

	if (msgsnd(queue, message, sizeof(long), 0))
		abort();
}

static void receives(long type)
{
	long message[2];

	if (msgrcv(queue, message, sizeof(long), type, 0) != sizeof(long))
		abort();
}

static void serves(void)
{
	receives(REQUEST);
	pthread_mutex_lock(&shared->lock_table);
	pthread_mutex_unlock(&shared->lock_table);
	through(&shared->gone);
	sends(REPLY);
}

static void asks(void)
{
	sends(REQUEST);
	await(&shared->gone);
	pthread_mutex_lock(&shared->lock_table);
	receives(REPLY);
	pthread_mutex_unlock(&shared->lock_table);
}

int main(int argc, char **argv)
{
	(void)argv;
	queue = msgget(IPC_PRIVATE, IPC_CREAT | 0600);
	if (queue < 0)
		return argc > 1 ? 77 : 1;
	if (argc == 1) {
		shared = shared_memory(sizeof(*shared));
		shared_mutex_init(&shared->lock_table);
		run_two_processes(serves, asks);
	}
	msgctl(queue, IPC_RMID, NULL);
	return 0;
}
