// expect: clean ; kind: process-pipe ; locks: lock reply_pipe ; note: parent and child each have a mutex of their own at that place
#include "file.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int reply_pipe[2];

int main(void)
{
	pid_t child;
	char c = 'x';

	if (pipe(reply_pipe))
		abort();
	child = fork();
	if (!child) {
		pthread_mutex_lock(&lock);
		pthread_mutex_unlock(&lock);
		if (write(reply_pipe[1], &c, 1) != 1)
			abort();
		_exit(0);
	}
	pthread_mutex_lock(&lock);
	if (read(reply_pipe[0], &c, 1) != 1)
		abort();
	pthread_mutex_unlock(&lock);
	waitpid(child, NULL, 0);
	return 0;
}
