// expect: clean ; kind: exit-lock ; locks: exit_lock lock_log ; note: handlers run in their order, with their arguments, and the status is the caller's
#include "subject.h"

static void third(void)
{
	puts("third");
}

static void second(int status, void *arg)
{
	printf("second %d %s\n", status, (const char *)arg);
}

static void first(void)
{
	puts("first");
}

int main(void)
{
	atexit(third);
	on_exit(second, "argument");
	atexit(first);
	exit(7);
}
