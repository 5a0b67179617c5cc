// expect: clean ; kind: process-mutex ; locks: * * ; note: the same, but the second program starts when the first is through
#include "file.h"

#define PAGE 4096

static void child(const char *path, int number)
{
	int fd = open(path, O_RDWR);
	pthread_mutex_t *lock_in, *lock_out;
	char *base;

	if (number) /* somewhere else in this process */
		mmap(NULL, 16 * PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	base = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	lock_in = (pthread_mutex_t *)base;
	lock_out = (pthread_mutex_t *)(base + 64);
	if (number) {
		nap(100);
		pthread_mutex_lock(lock_in);
		pthread_mutex_lock(lock_out);
		pthread_mutex_unlock(lock_out);
		pthread_mutex_unlock(lock_in);
	} else {
		pthread_mutex_lock(lock_out);
		pthread_mutex_lock(lock_in);
		pthread_mutex_unlock(lock_in);
		pthread_mutex_unlock(lock_out);
	}
}

static pid_t start(const char *self, const char *path, const char *number)
{
	pid_t pid = fork();

	if (!pid) {
		execl(self, self, path, number, NULL);
		_exit(1);
	}
	return pid;
}

int main(int argc, char **argv)
{
	char path[] = "/tmp/lockdag-m-XXXXXX";
	pid_t one, two;
	char *base;
	int fd;

	if (argc > 2) {
		child(argv[1], atoi(argv[2]));
		return 0;
	}
	fd = mkstemp(path);
	if (ftruncate(fd, PAGE))
		abort();
	base = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	shared_mutex_init((pthread_mutex_t *)base);
	shared_mutex_init((pthread_mutex_t *)(base + 64));
	one = start(argv[0], path, "0");
	waitpid(one, NULL, 0);
	two = start(argv[0], path, "1");
	waitpid(two, NULL, 0);
	
	unlink(path);
	return 0;
}
