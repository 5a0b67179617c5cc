// expect: hang ; kind: process-wait ; locks: lock_table child_exit ; note: really deadlocks: waits for a child with a shared mutex held that the child wants
#include "file.h"
#include "meet.h"

static int *here;

static pthread_mutex_t *lock_table;

int main(void)
{
	pthread_mutexattr_t a;
	pid_t child;

	/* robust: whichever process is ended, the other one goes on */
	lock_table = shared_memory(sizeof(*lock_table));
	pthread_mutexattr_init(&a);
	pthread_mutexattr_setpshared(&a, PTHREAD_PROCESS_SHARED);
	pthread_mutexattr_setrobust(&a, PTHREAD_MUTEX_ROBUST);
	pthread_mutex_init(lock_table, &a);
	here = shared_memory(sizeof(*here));
	child = fork();
	if (!child) {
		meet_at(here, 2);
		pthread_mutex_lock(lock_table);
		_exit(0);
	}
	pthread_mutex_lock(lock_table);
	meet_at(here, 2);
	waitpid(child, NULL, 0);
	return 0;
}
