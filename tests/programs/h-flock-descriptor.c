// expect: hazard ; kind: file-lock ; locks: spool_fd index_fd ; note: nothing but the descriptors has a name
#include "file.h"

static __thread int spool_fd, index_fd;
static char paths[2][40] = { "/tmp/lockdag-s-XXXXXX", "/tmp/lockdag-i-XXXXXX" };

static const char *path_of(int i)
{
	static __thread char path[64];

	snprintf(path, sizeof(path), "%s", paths[i]);
	return path;
}

static void *first(void *arg)
{
	(void)arg;
	spool_fd = open(path_of(0), O_RDWR);
	index_fd = open(path_of(1), O_RDWR);
	flock(spool_fd, LOCK_EX);
	flock(index_fd, LOCK_EX);
	close(index_fd);
	close(spool_fd);
	return NULL;
}

static void *second(void *arg)
{
	(void)arg;
	nap(60);
	spool_fd = open(path_of(0), O_RDWR);
	index_fd = open(path_of(1), O_RDWR);
	flock(index_fd, LOCK_EX);
	flock(spool_fd, LOCK_EX);
	close(index_fd);
	close(spool_fd);
	return NULL;
}

int main(void)
{
	close(mkstemp(paths[0]));
	close(mkstemp(paths[1]));
	run_two(first, second);
	unlink(paths[0]);
	unlink(paths[1]);
	return 0;
}
