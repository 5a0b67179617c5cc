// expect: clean ; kind: double-init ; locks: one_lock ; note: destroyed, cleared, freed or static before: each of these may be initialised
#include "subject.h"

#include <sys/wait.h>

static pthread_mutex_t one_lock, cleared_lock, ready_lock = PTHREAD_MUTEX_INITIALIZER, child_lock;

static void use(pthread_mutex_t *lock)
{
	pthread_mutex_lock(lock);
	pthread_mutex_unlock(lock);
}

static void on_stack(void)
{
	pthread_mutex_t local;

	pthread_mutex_init(&local, NULL);
	use(&local);
}

int main(void)
{
	pid_t pid;

	for (int i = 0; i < 20; i++) {
		pthread_mutex_t *heap = malloc(sizeof(*heap));

		pthread_mutex_init(&one_lock, NULL);
		use(&one_lock);
		pthread_mutex_destroy(&one_lock);
		memset(&cleared_lock, 0, sizeof(cleared_lock));
		pthread_mutex_init(&cleared_lock, NULL);
		use(&cleared_lock);
		pthread_mutex_init(heap, NULL);
		use(heap);
		free(heap);
		on_stack();
	}
	use(&ready_lock);
	pthread_mutex_init(&ready_lock, NULL);
	use(&ready_lock);
	pthread_mutex_init(&child_lock, NULL);
	use(&child_lock);
	pid = fork();
	if (!pid) {
		pthread_mutex_init(&child_lock, NULL);
		use(&child_lock);
		_exit(0);
	}
	waitpid(pid, NULL, 0);
	return 0;
}
