// expect: clean ; kind: file-lock ; locks: data_file lock_table ; note: parent and child lock the one open file that both have
#include "file.h"

static pthread_mutex_t *lock_table;
static char data_file[] = "/tmp/lockdag-d-XXXXXX";
static int fd;

static void first(void)
{
	flock(fd, LOCK_EX);
	pthread_mutex_lock(lock_table);
	pthread_mutex_unlock(lock_table);
	flock(fd, LOCK_UN);
}

static void second(void)
{
	nap(80);
	pthread_mutex_lock(lock_table);
	flock(fd, LOCK_EX);
	flock(fd, LOCK_UN);
	pthread_mutex_unlock(lock_table);
}

int main(void)
{
	lock_table = shared_memory(sizeof(*lock_table));
	shared_mutex_init(lock_table);
	fd = mkstemp(data_file);
	run_two_processes(first, second);
	unlink(data_file);
	return 0;
}
