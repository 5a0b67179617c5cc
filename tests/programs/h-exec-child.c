// expect: hazard ; kind: process-exec ; locks: lock_a lock_b ; note: the inversion happens in a program that a child executes, with an empty environment
#include "subject.h"
#include <sys/wait.h>

static pthread_mutex_t lock_a = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t lock_b = PTHREAD_MUTEX_INITIALIZER;

static void *first(void *arg)
{
	(void)arg;
	pthread_mutex_lock(&lock_a);
	pthread_mutex_lock(&lock_b);
	pthread_mutex_unlock(&lock_b);
	pthread_mutex_unlock(&lock_a);
	return NULL;
}

static void *second(void *arg)
{
	(void)arg;
	nap(60);
	pthread_mutex_lock(&lock_b);
	pthread_mutex_lock(&lock_a);
	pthread_mutex_unlock(&lock_a);
	pthread_mutex_unlock(&lock_b);
	return NULL;
}

int main(int argc, char **argv)
{
	char *const arguments[] = { argv[0], (char *)"child", NULL };
	char *const environment[] = { NULL };
	int status = 0;
	pid_t child;

	if (argc > 1) {
		run_two(first, second);
		return 0;
	}
	child = fork();
	if (!child) {
		execve("/proc/self/exe", arguments, environment);
		_exit(127);
	}
	waitpid(child, &status, 0);
	return status != 0;
}
