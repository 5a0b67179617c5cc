// expect: idle ; kind: semaphore ; verdict: running ; note: the one who posts is a process of its own that has the same memory
#include "../../programs/subject.h"
#include <sched.h>
#include <signal.h>

static sem_t answer;
static _Alignas(16) char stack[65536];

static int other(void *arg)
{
	(void)arg;
	for (;;)
		nap(1000);
	return 0;
}

int main(void)
{
	sem_init(&answer, 0, 0);
	if (clone(other, stack + sizeof(stack), CLONE_VM | SIGCHLD, NULL) < 0)
		return 1;
	sem_wait(&answer);
	return 0;
}
