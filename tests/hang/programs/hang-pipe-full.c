// expect: hang ; kind: pipe-reply ; locks: lock_out out_pipe ; note: a full pipe is written to with the lock held which its reader takes first
#include "../../programs/meet.h"

static pthread_mutex_t lock_out = PTHREAD_MUTEX_INITIALIZER;
static int out[2];
static char page[4096];

static void *writer(void *arg)
{
	pthread_mutex_lock(&lock_out);
	meet(2);
	while (write(out[1], page, sizeof(page)) > 0) {
	}
	pthread_mutex_unlock(&lock_out);
	return arg;
}

static void *reader(void *arg)
{
	meet(2);
	for (;;) {
		pthread_mutex_lock(&lock_out);
		if (read(out[0], page, sizeof(page)) <= 0)
			abort();
		pthread_mutex_unlock(&lock_out);
	}
	return arg;
}

int main(void)
{
	if (pipe(out))
		return 1;
	run_two(writer, reader);
	return 0;
}
