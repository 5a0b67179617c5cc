// expect: hang ; kind: pipe-circle ; locks: to_first[1] to_second[1] ; core: none ; note: both write more than a pipe has room for, and read later: looking must not end the writes
#include "../../programs/subject.h"

static int to_first[2], to_second[2];
static char much[300000];

static void *first(void *arg)
{
	if (write(to_second[1], much, sizeof(much)) < 0 || read(to_first[0], much, sizeof(much)) < 0)
		abort();
	return arg;
}

static void *second(void *arg)
{
	if (write(to_first[1], much, sizeof(much)) < 0 || read(to_second[0], much, sizeof(much)) < 0)
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
