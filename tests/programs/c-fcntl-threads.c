// expect: clean ; kind: file-lock ; locks: file_a file_b ; note: the same in two threads of one process, which owns both locks
#include "file.h"

static char file_a[] = "/tmp/lockdag-a-XXXXXX", file_b[] = "/tmp/lockdag-b-XXXXXX";

static void both(const char *x, const char *y)
{
	int f = open(x, O_RDWR), g = open(y, O_RDWR);

	range_lock(f, F_SETLKW, F_WRLCK, 0, 0);
	range_lock(g, F_SETLKW, F_WRLCK, 0, 0);
	range_lock(g, F_SETLKW, F_UNLCK, 0, 0);
	range_lock(f, F_SETLKW, F_UNLCK, 0, 0);
}

static void *first(void *arg)
{
	(void)arg;
	both(file_a, file_b);
	return NULL;
}

static void *second(void *arg)
{
	(void)arg;
	nap(60);
	both(file_b, file_a);
	return NULL;
}

int main(void)
{
	close(mkstemp(file_a));
	close(mkstemp(file_b));
	run_two(first, second);
	unlink(file_a);
	unlink(file_b);
	return 0;
}
