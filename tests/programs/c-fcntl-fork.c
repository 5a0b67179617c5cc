// expect: clean ; kind: file-lock ; locks: data_file lock_table ; note: a child does not have its parent's locks of files
#include "file.h"

static pthread_mutex_t *lock_table;
static char data_file[] = "/tmp/lockdag-d-XXXXXX";

int main(void)
{
	int fd = mkstemp(data_file);
	pid_t child;

	lock_table = shared_memory(sizeof(*lock_table));
	shared_mutex_init(lock_table);
	range_lock(fd, F_SETLKW, F_WRLCK, 0, 0);
	child = fork();
	if (!child) {
		pthread_mutex_lock(lock_table);
		pthread_mutex_unlock(lock_table);
		_exit(0);
	}
	range_lock(fd, F_SETLKW, F_UNLCK, 0, 0);
	nap(80);
	pthread_mutex_lock(lock_table);
	range_lock(fd, F_SETLKW, F_WRLCK, 0, 0);
	range_lock(fd, F_SETLKW, F_UNLCK, 0, 0);
	pthread_mutex_unlock(lock_table);
	waitpid(child, NULL, 0);
	unlink(data_file);
	return 0;
}
