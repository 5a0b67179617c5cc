// expect: hazard ; kind: file-lock ; locks: data_file lock_table ; note: the whole file, and a part of it
#include "file.h"

static pthread_mutex_t *lock_table;
static char data_file[] = "/tmp/lockdag-d-XXXXXX";

static void first(void)
{
	int fd = open(data_file, O_RDWR);

	range_lock(fd, F_SETLKW, F_WRLCK, 0, 0);
	pthread_mutex_lock(lock_table);
	pthread_mutex_unlock(lock_table);
	range_lock(fd, F_SETLKW, F_UNLCK, 0, 0);
}

static void second(void)
{
	int fd = open(data_file, O_RDWR);

	nap(80);
	pthread_mutex_lock(lock_table);
	range_lock(fd, F_SETLKW, F_WRLCK, 100, 10);
	range_lock(fd, F_SETLKW, F_UNLCK, 100, 10);
	pthread_mutex_unlock(lock_table);
}

int main(void)
{
	lock_table = shared_memory(sizeof(*lock_table));
	shared_mutex_init(lock_table);
	close(mkstemp(data_file));
	run_two_processes(first, second);
	unlink(data_file);
	return 0;
}
