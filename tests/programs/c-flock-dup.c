// expect: clean ; kind: file-lock ; locks: pid_file lock_table ; note: a copy of the descriptor is the same open file
#include "file.h"

static char pid_file[] = "/tmp/lockdag-p-XXXXXX";
static pthread_mutex_t lock_table = PTHREAD_MUTEX_INITIALIZER;
static int fd, copy;

static void file_then_mutex(int fd)
{
	flock(fd, LOCK_EX);
	pthread_mutex_lock(&lock_table);
	pthread_mutex_unlock(&lock_table);
	flock(fd, LOCK_UN);
}

static void mutex_then_file(int fd)
{
	pthread_mutex_lock(&lock_table);
	flock(fd, LOCK_EX);
	flock(fd, LOCK_UN);
	pthread_mutex_unlock(&lock_table);
}

static void *first(void *arg)
{
	(void)arg;
	file_then_mutex(fd);
	return NULL;
}

static void *second(void *arg)
{
	(void)arg;
	nap(60);
	mutex_then_file(copy);
	return NULL;
}

int main(void)
{
	close(mkstemp(pid_file));
	fd = open(pid_file, O_RDWR);
	copy = fcntl(dup(fd), F_DUPFD, 100);
	run_two(first, second);
	unlink(pid_file);
	return 0;
}
