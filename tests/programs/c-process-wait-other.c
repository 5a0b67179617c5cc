// expect: clean ; kind: process-wait ; locks: lock_table child_exit ; note: another child than the one that takes the mutex is waited for with it held
#include "file.h"

static pthread_mutex_t *lock_table;

static void take(void)
{
	pthread_mutex_lock(lock_table);
	pthread_mutex_unlock(lock_table);
}

int main(void)
{
	pid_t one, other;

	lock_table = shared_memory(sizeof(*lock_table));
	shared_mutex_init(lock_table);
	one = fork();
	if (!one) {
		take();
		_exit(0);
	}
	other = fork();
	if (!other)
		_exit(0);
	nap(60);
	pthread_mutex_lock(lock_table);
	waitpid(other, NULL, 0);
	pthread_mutex_unlock(lock_table);
	waitpid(one, NULL, 0);
	return 0;
}
