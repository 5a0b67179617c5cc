// expect: hazard ; kind: process-pipe ; locks: lock_table reply_pipe ; note: reads an answer with a shared mutex held that the other process takes before it writes
#include "file.h"

static pthread_mutex_t *lock_table;

static void take(void)
{
	pthread_mutex_lock(lock_table);
	pthread_mutex_unlock(lock_table);
}
static int reply_pipe[2];

static void answers(void)
{
	char c = 'x';

	take();
	nap(120);
	if (write(reply_pipe[1], &c, 1) != 1)
		abort();
}

static void asks(void)
{
	char c;

	nap(60);
	pthread_mutex_lock(lock_table);
	if (read(reply_pipe[0], &c, 1) != 1)
		abort();
	pthread_mutex_unlock(lock_table);
}

int main(void)
{
	lock_table = shared_memory(sizeof(*lock_table));
	shared_mutex_init(lock_table);
	if (pipe(reply_pipe))
		abort();
	run_two_processes(answers, asks);
	return 0;
}
