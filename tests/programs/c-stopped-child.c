// expect: clean ; kind: pipe-reply ; locks: lock_state * ; note: all threads are blocked for a while, one with the lock held that another asks for; another process writes what is read
#include "subject.h"
#include <sys/wait.h>

static pthread_mutex_t lock_state = PTHREAD_MUTEX_INITIALIZER;
static int answer[2];

static void *waits(void *arg)
{
	char c;

	pthread_mutex_lock(&lock_state);
	if (read(answer[0], &c, 1) != 1)
		abort();
	pthread_mutex_unlock(&lock_state);
	return arg;
}

static void *other(void *arg)
{
	nap(30);
	pthread_mutex_lock(&lock_state);
	pthread_mutex_unlock(&lock_state);
	return arg;
}

int main(void)
{
	pid_t child;

	if (pipe(answer))
		return 1;
	child = fork();
	if (!child) {
		nap(700);
		_exit(write(answer[1], "x", 1) != 1);
	}
	run_two(waits, other);
	waitpid(child, NULL, 0);
	return 0;
}
