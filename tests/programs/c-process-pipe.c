// expect: clean ; kind: process-pipe ; locks: lock_table reply_pipe ; note: the same, with nothing held while it reads
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
	take();
	if (read(reply_pipe[0], &c, 1) != 1)
		abort();
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
