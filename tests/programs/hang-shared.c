// expect: hang ; kind: process-mutex ; locks: left right ; core: blocked ; note: two processes, two process-shared mutexes
#include "meet.h"
#include <sys/mman.h>
#include <sys/wait.h>

struct both {
	pthread_mutex_t left, right;
	int here;
};

static struct both *shared;

int main(void)
{
	pthread_mutexattr_t a;

	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pthread_mutexattr_init(&a);
	pthread_mutexattr_setpshared(&a, PTHREAD_PROCESS_SHARED);
	pthread_mutex_init(&shared->left, &a);
	pthread_mutex_init(&shared->right, &a);
	if (fork() == 0) {
		pthread_mutex_lock(&shared->left);
		meet_at(&shared->here, 2);
		pthread_mutex_lock(&shared->right);
		_exit(0);
	}
	pthread_mutex_lock(&shared->right);
	meet_at(&shared->here, 2);
	pthread_mutex_lock(&shared->left);
	wait(NULL);
	return 0;
}
