// expect: hang ; kind: file-lock ; locks: * * ; core: blocked ; note: two processes lock two files in opposite orders
#include "meet.h"
#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/wait.h>

static int *here;

static int open_lock(const char *name)
{
	return open(name, O_RDWR | O_CREAT, 0600);
}

static void both(const char *first, const char *second)
{
	int a = open_lock(first), b = open_lock(second);

	flock(a, LOCK_EX);
	meet_at(here, 2);
	flock(b, LOCK_EX);
}

int main(void)
{
	here = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (fork() == 0) {
		both("left", "right");
		_exit(0);
	}
	if (fork() == 0) {
		both("right", "left");
		_exit(0);
	}
	while (__atomic_load_n(here, __ATOMIC_SEQ_CST) < 2)
		nap(1);
	nap(50);
	unlink("left");
	unlink("right");
	while (wait(NULL) > 0) {
	}
	return 0;
}
