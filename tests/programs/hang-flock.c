// expect: hang ; kind: file-lock ; locks: file_a file_b ; note: really deadlocks: two open files each, two threads
#include "file.h"
#include "meet.h"

static char file_a[] = "/tmp/lockdag-a-XXXXXX", file_b[] = "/tmp/lockdag-b-XXXXXX";

static void two(const char *x, const char *y)
{
	int f = open(x, O_RDWR), g = open(y, O_RDWR);

	flock(f, LOCK_EX);
	meet(2);
	flock(g, LOCK_EX);
	flock(g, LOCK_UN);
	flock(f, LOCK_UN);
	close(f);
	close(g);
}

static void *first(void *arg)
{
	(void)arg;
	two(file_a, file_b);
	return NULL;
}

static void *second(void *arg)
{
	(void)arg;
	two(file_b, file_a);
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
