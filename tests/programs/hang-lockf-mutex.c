// expect: hang ; kind: file-lock ; locks: data_file lock_table ; note: really deadlocks: a file's lock and a mutex that two processes share
#include "file.h"
#include "meet.h"

static int *here;

static pthread_mutex_t *lock_table;
static char data_file[] = "/tmp/lockdag-d-XXXXXX";

static void first(void)
{
	int fd = open(data_file, O_RDWR);

	if (lockf(fd, F_LOCK, 0))
		abort();
	meet_at(here, 2);
	pthread_mutex_lock(lock_table);
}

static void second(void)
{
	int fd = open(data_file, O_RDWR);

	pthread_mutex_lock(lock_table);
	meet_at(here, 2);
	if (lockf(fd, F_LOCK, 0))
		abort();
}

int main(void)
{
	pthread_mutexattr_t a;

	/* robust: whichever process is ended, the other one goes on */
	lock_table = shared_memory(sizeof(*lock_table));
	pthread_mutexattr_init(&a);
	pthread_mutexattr_setpshared(&a, PTHREAD_PROCESS_SHARED);
	pthread_mutexattr_setrobust(&a, PTHREAD_MUTEX_ROBUST);
	pthread_mutex_init(lock_table, &a);
	here = shared_memory(sizeof(*here));
	close(mkstemp(data_file));
	run_two_processes(first, second);
	unlink(data_file);
	return 0;
}
