// expect: clean ; kind: file-lock ; locks: pid_file lock_table ; note: closing the file gives the lock back before the mutex is taken
#include "file.h"

static char pid_file[] = "/tmp/lockdag-p-XXXXXX";
static pthread_mutex_t lock_table = PTHREAD_MUTEX_INITIALIZER;

static void *first(void *arg)
{
	int fd = open(pid_file, O_RDWR);

	(void)arg;
	flock(fd, LOCK_EX);
	close(fd);
	pthread_mutex_lock(&lock_table);
	pthread_mutex_unlock(&lock_table);
	return NULL;
}

static void *second(void *arg)
{
	int fd = open(pid_file, O_RDWR);

	(void)arg;
	nap(60);
	pthread_mutex_lock(&lock_table);
	flock(fd, LOCK_EX);
	flock(fd, LOCK_UN);
	pthread_mutex_unlock(&lock_table);
	close(fd);
	return NULL;
}

int main(void)
{
	close(mkstemp(pid_file));
	run_two(first, second);
	unlink(pid_file);
	return 0;
}
