// expect: hang ; kind: file-lock ; locks: file_a file_b ; note: really deadlocks: two processes, each with one of two files
#include "file.h"
#include "meet.h"

static int *here;

static char file_a[] = "/tmp/lockdag-a-XXXXXX", file_b[] = "/tmp/lockdag-b-XXXXXX";

static void two(const char *x, const char *y)
{
	int f = open(x, O_RDWR), g = open(y, O_RDWR);

	flock(f, LOCK_EX);
	meet_at(here, 2);
	flock(g, LOCK_EX);
}

static void first(void)
{
	two(file_a, file_b);
}

static void second(void)
{
	two(file_b, file_a);
}

int main(void)
{
	here = shared_memory(sizeof(*here));
	close(mkstemp(file_a));
	close(mkstemp(file_b));
	run_two_processes(first, second);
	return 0;
}
