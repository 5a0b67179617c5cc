// expect: clean ; kind: process-wait ; locks: lock_shm ; note: forks with the shared mutex held and lets it go; the child waits for that and never held it itself
/* SPDX-License-Identifier: MIT */
#include <pthread.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static pthread_mutex_t *lock_shm;

int main(void)
{
	pthread_mutexattr_t shared;
	pid_t child;

	lock_shm = mmap(NULL, sizeof(*lock_shm), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pthread_mutexattr_init(&shared);
	pthread_mutexattr_setpshared(&shared, PTHREAD_PROCESS_SHARED);
	pthread_mutex_init(lock_shm, &shared);
	pthread_mutex_lock(lock_shm);
	child = fork();
	if (!child) {
		pthread_mutex_lock(lock_shm);
		pthread_mutex_unlock(lock_shm);
		_exit(0);
	}
	usleep(100000);
	pthread_mutex_unlock(lock_shm);
	waitpid(child, NULL, 0);
	return 0;
}
