// expect: hang ; kind: fork ; locks: lock_log ; verdict: orphan ; core: blocked ; note: forked while another thread held the lock, which the child wants
#include "../../programs/meet.h"
#include <sys/wait.h>

static pthread_mutex_t lock_log = PTHREAD_MUTEX_INITIALIZER;

static void *logger(void *arg)
{
	(void)arg;
	pthread_mutex_lock(&lock_log);
	meet(2);
	for (;;)
		nap(1000);
}

int main(void)
{
	pthread_t t;
	pid_t child;

	pthread_create(&t, NULL, logger, NULL);
	meet(2);
	child = fork();
	if (child == 0) {
		pthread_mutex_lock(&lock_log);
		_exit(0);
	}
	waitpid(child, NULL, 0);
	return 0;
}
