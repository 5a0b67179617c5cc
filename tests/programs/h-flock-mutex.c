// expect: hazard ; kind: file-lock ; locks: pid_file lock_table ; note: flock and a mutex in both orders, two threads of one process, the file opened by each
#include "file.h"

static char pid_file[] = "/tmp/lockdag-p-XXXXXX";
static pthread_mutex_t lock_table = PTHREAD_MUTEX_INITIALIZER;

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
	file_then_mutex(open(pid_file, O_RDWR));
	return NULL;
}

static void *second(void *arg)
{
	(void)arg;
	nap(60);
	mutex_then_file(open(pid_file, O_RDWR));
	return NULL;
}

int main(void)
{
	close(mkstemp(pid_file));
	run_two(first, second);
	unlink(pid_file);
	return 0;
}
