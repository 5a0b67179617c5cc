// expect: hang ; kind: pipe-circle ; locks: to_first[0] to_second[0] ; note: two threads, each reads what the other would write after its own read
#include "../../programs/subject.h"

static int to_first[2], to_second[2];

static void *first(void *arg)
{
	char c;

	if (read(to_first[0], &c, 1) != 1 || write(to_second[1], &c, 1) != 1)
		abort();
	return arg;
}

static void *second(void *arg)
{
	char c;

	if (read(to_second[0], &c, 1) != 1 || write(to_first[1], &c, 1) != 1)
		abort();
	return arg;
}

int main(void)
{
	if (pipe(to_first) || pipe(to_second))
		return 1;
	run_two(first, second);
	return 0;
}
