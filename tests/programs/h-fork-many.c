// expect: hazard ; kind: fork-lock ; locks: lock_l ; note: many children, of threads that are many, too: only the last child takes the lock
#include "context.h"

static pthread_mutex_t lock_l = PTHREAD_MUTEX_INITIALIZER;

static void *worker(void *arg)
{
	(void)arg;
	section(&lock_l);
	nap(600);
	return NULL;
}

int main(void)
{
	pthread_t t[20];
	pid_t child = 0;

	for (int i = 0; i < 20; i++)
		pthread_create(&t[i], NULL, worker, NULL);
	nap(70);
	for (int i = 0; i < 20; i++) {
		child = fork();
		if (!child) {
			alarm(2);
			if (i == 19)
				section(&lock_l);
			_exit(0);
		}
		child_status(child);
	}
	for (int i = 0; i < 20; i++)
		pthread_join(t[i], NULL);
	return 0;
}
