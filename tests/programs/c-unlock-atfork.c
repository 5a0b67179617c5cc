// expect: clean ; kind: unlock-not-owner ; locks: fork_lock ; note: taken by the prepare handler, released by both sides of the fork
#include "subject.h"

#include <sys/wait.h>

static pthread_mutex_t fork_lock = PTHREAD_MUTEX_INITIALIZER;

static void prepare(void)
{
	pthread_mutex_lock(&fork_lock);
}

static void release(void)
{
	pthread_mutex_unlock(&fork_lock);
}

int main(void)
{
	pid_t pid;

	pthread_atfork(prepare, release, release);
	pid = fork();
	if (!pid) {
		pid_t inner = fork();

		if (!inner)
			_exit(0);
		waitpid(inner, NULL, 0);
		_exit(0);
	}
	waitpid(pid, NULL, 0);
	return 0;
}
