// expect: clean ; kind: file-lock ; locks: data_file lock_table ; note: closing another descriptor of the file gives the process's lock back
#include "file.h"

static pthread_mutex_t *lock_table;
static char data_file[] = "/tmp/lockdag-d-XXXXXX";

static void first(void)
{
	int fd = open(data_file, O_RDWR), other = open(data_file, O_RDONLY);

	range_lock(fd, F_SETLKW, F_WRLCK, 0, 0);
	close(other);
	pthread_mutex_lock(lock_table);
	pthread_mutex_unlock(lock_table);
}

static void second(void)
{
	int fd = open(data_file, O_RDWR);

	nap(80);
	pthread_mutex_lock(lock_table);
	range_lock(fd, F_SETLKW, F_WRLCK, 0, 0);
	range_lock(fd, F_SETLKW, F_UNLCK, 0, 0);
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
