// expect: clean ; kind: fork-lock ; locks: lock_l ; note: posix_spawn, system and popen among other threads
#include "context.h"
#include <spawn.h>

static pthread_mutex_t lock_l = PTHREAD_MUTEX_INITIALIZER;

static void *worker(void *arg)
{
	(void)arg;
	for (int i = 0; i < 3; i++) {
		section(&lock_l);
		nap(20);
	}
	return NULL;
}

extern char **environ;

int main(void)
{
	char *argv[] = { "true", NULL };
	pthread_t t;
	pid_t child;
	FILE *p;

	pthread_create(&t, NULL, worker, NULL);
	nap(30);
	if (posix_spawn(&child, "/bin/true", NULL, NULL, argv, environ) || child_status(child))
		return 1;
	if (system("true"))
		return 2;
	p = popen("true", "r");
	if (!p || pclose(p))
		return 3;
	pthread_join(t, NULL);
	return 0;
}
