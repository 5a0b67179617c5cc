// expect: hazard ; kind: file-lock ; locks: data_file[0..9] data_file[100..109] ; note: two parts of one file in both orders
#include "file.h"

static char data_file[] = "/tmp/lockdag-d-XXXXXX";

static void parts(off_t x, off_t y)
{
	int fd = open(data_file, O_RDWR);

	range_lock(fd, F_SETLKW, F_WRLCK, x, 10);
	range_lock(fd, F_SETLKW, F_WRLCK, y, 10);
	range_lock(fd, F_SETLKW, F_UNLCK, 0, 0);
}

static void first(void)
{
	parts(0, 100);
}

static void second(void)
{
	nap(80);
	parts(100, 0);
}

int main(void)
{
	close(mkstemp(data_file));
	run_two_processes(first, second);
	unlink(data_file);
	return 0;
}
