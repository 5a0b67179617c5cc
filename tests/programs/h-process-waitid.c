// expect: hazard ; kind: process-wait ; locks: lock_table child_exit ; note: waitid
#include "file.h"

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
		_exit(0);
	}
	nap(60);
	pthread_mutex_lock(lock_table);
	waitid(P_PID, (id_t)child, NULL, WEXITED);
	pthread_mutex_unlock(lock_table);
	return 0;
}
