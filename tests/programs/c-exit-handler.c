// expect: clean ; kind: exit-held ; locks: state_lock ; note: an atexit handler releases what main holds; a child leaves by _exit what its parent holds
#include "subject.h"

#include <sys/wait.h>

static pthread_mutex_t state_lock = PTHREAD_MUTEX_INITIALIZER;

static void release(void)
{
	pthread_mutex_unlock(&state_lock);
}

int main(void)
{
	pid_t pid;

	pthread_mutex_lock(&state_lock);
	pid = fork();
	if (!pid)
		exit(0);
	waitpid(pid, NULL, 0);
	atexit(release);
	return 0;
}
