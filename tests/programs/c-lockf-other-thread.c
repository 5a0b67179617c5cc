// expect: clean ; kind: file-lock ; locks: data_file lock_table ; note: another thread of the process has given the file's lock back
#include "file.h"

static pthread_mutex_t lock_table = PTHREAD_MUTEX_INITIALIZER, lock_other = PTHREAD_MUTEX_INITIALIZER;
static char data_file[] = "/tmp/lockdag-d-XXXXXX";
static int fd;
static sem_t taken, given;

static void *first(void *arg)
{
	(void)arg;
	if (lockf(fd, F_LOCK, 0))
		abort();
	sem_post(&taken);
	sem_wait(&given);
	pthread_mutex_lock(&lock_table);
	pthread_mutex_lock(&lock_other);
	pthread_mutex_unlock(&lock_other);
	pthread_mutex_unlock(&lock_table);
	return NULL;
}

static void *second(void *arg)
{
	(void)arg;
	sem_wait(&taken);
	if (lockf(fd, F_ULOCK, 0))
		abort();
	sem_post(&given);
	return NULL;
}

int main(void)
{
	pid_t child;

	sem_init(&taken, 0, 0);
	sem_init(&given, 0, 0);
	fd = mkstemp(data_file);
	child = fork();
	if (!child) {
		nap(80);
		pthread_mutex_lock(&lock_table);
		if (lockf(fd, F_LOCK, 0))
			abort();
		_exit(0);
	}
	run_two(first, second);
	waitpid(child, NULL, 0);
	unlink(data_file);
	return 0;
}
