// expect: hazard ; kind: file-lock ; locks: file_a file_b ; note: fcntl locks on two files in both orders, two processes
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

static void first(void)
{
	both(file_a, file_b);
}

static void second(void)
{
	nap(80);
	both(file_b, file_a);
}

int main(void)
{
	close(mkstemp(file_a));
	close(mkstemp(file_b));
	run_two_processes(first, second);
	unlink(file_a);
	unlink(file_b);
	return 0;
}
