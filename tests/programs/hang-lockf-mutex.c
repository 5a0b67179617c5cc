// expect: hang ; kind: file-lock ; locks: data_file lock_table ; note: really deadlocks: a file's lock and a mutex that two processes share
#include "file.h"

static pthread_mutex_t *lock_table;
static char data_file[] = "/tmp/lockdag-d-XXXXXX";

static void first(void)
{
	int fd = open(data_file, O_RDWR);

	if (lockf(fd, F_LOCK, 0))
		abort();
	nap(80);
	pthread_mutex_lock(lock_table);
}

static void second(void)
{
	int fd = open(data_file, O_RDWR);

	pthread_mutex_lock(lock_table);
	nap(80);
	if (lockf(fd, F_LOCK, 0))
		abort();
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
