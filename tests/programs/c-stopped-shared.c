// expect: clean ; kind: lock-semaphore ; locks: lock_state * ; note: all threads are blocked for a while, one with the lock held that another asks for; another process posts the semaphore that both share
#include "subject.h"
#include <sys/mman.h>
#include <sys/wait.h>

static pthread_mutex_t lock_state = PTHREAD_MUTEX_INITIALIZER;
static sem_t *answer;

static void *waits(void *arg)
{
	pthread_mutex_lock(&lock_state);
	sem_wait(answer);
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

	answer = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	sem_init(answer, 1, 0);
	child = fork();
	if (!child) {
		nap(700);
		sem_post(answer);
		_exit(0);
	}
	run_two(waits, other);
	waitpid(child, NULL, 0);
	return 0;
}
