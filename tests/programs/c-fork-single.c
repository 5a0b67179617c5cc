// expect: clean ; kind: fork-lock ; locks: lock_l ; note: a process of one thread
#include "context.h"

static pthread_mutex_t lock_l = PTHREAD_MUTEX_INITIALIZER;

int main(void)
{
	pid_t child;

	section(&lock_l);
	child = fork();
	if (!child) {
		section(&lock_l);
		_exit(0);
	}
	section(&lock_l);
	return child_status(child);
}
