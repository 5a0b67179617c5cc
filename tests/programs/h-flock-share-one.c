// expect: hazard ; kind: file-lock ; locks: file_a file_b ; note: one of the two is locked shared by the one, alone by the other
#include "file.h"

static char file_a[] = "/tmp/lockdag-a-XXXXXX", file_b[] = "/tmp/lockdag-b-XXXXXX";

static void two(const char *x, int how_x, const char *y, int how_y)
{
	int f = open(x, O_RDWR), g = open(y, O_RDWR);

	flock(f, how_x);
	flock(g, how_y);
	flock(g, LOCK_UN);
	flock(f, LOCK_UN);
	close(f);
	close(g);
}

static void *first(void *arg)
{
	(void)arg;
	two(file_a, LOCK_SH, file_b, LOCK_EX);
	return NULL;
}

static void *second(void *arg)
{
	(void)arg;
	nap(60);
	two(file_b, LOCK_EX, file_a, LOCK_EX);
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
