// expect: clean ; kind: process-wait ; locks: lock child_exit ; note: parent and child each have a mutex of their own at that place
#include "file.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

int main(void)
{
	pid_t child = fork();

	if (!child) {
		pthread_mutex_lock(&lock);
		pthread_mutex_unlock(&lock);
		_exit(0);
	}
	pthread_mutex_lock(&lock);
	waitpid(child, NULL, 0);
	pthread_mutex_unlock(&lock);
	return 0;
}
