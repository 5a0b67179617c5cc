// expect: clean ; kind: process-wait ; locks: lock_table child_exit ; note: a child that takes the shared mutex is killed and waited for with the mutex held; it need not come to its end by itself
#include "file.h"
#include <signal.h>

static pthread_mutex_t *lock_table;

static void take(void)
{
	pthread_mutex_lock(lock_table);
	pthread_mutex_unlock(lock_table);
}

int main(void)
{
	pid_t child;

	lock_table = shared_memory(sizeof(*lock_table));
	shared_mutex_init(lock_table);
	child = fork();
	if (!child) {
		take();
		for (;;)
			pause();
	}
	nap(60);
	pthread_mutex_lock(lock_table);
	kill(child, SIGTERM);
	waitpid(child, NULL, 0);
	pthread_mutex_unlock(lock_table);
	return 0;
}
