// expect: hang ; kind: pipe-reply ; locks: lock_client reply ; core: blocked ; note: a child had the same descriptors: a core file does not tell that it is gone
#include "../../programs/meet.h"
#include <sys/wait.h>

static pthread_mutex_t lock_client = PTHREAD_MUTEX_INITIALIZER;
static int request[2], reply[2];

static void *serves(void *arg)
{
	char c;

	meet(2);
	if (read(request[0], &c, 1) != 1)
		abort();
	pthread_mutex_lock(&lock_client);
	pthread_mutex_unlock(&lock_client);
	if (write(reply[1], &c, 1) != 1)
		abort();
	return arg;
}

static void *asks(void *arg)
{
	char c = 'x';

	if (write(request[1], &c, 1) != 1)
		abort();
	pthread_mutex_lock(&lock_client);
	meet(2);
	if (read(reply[0], &c, 1) != 1)
		abort();
	pthread_mutex_unlock(&lock_client);
	return arg;
}

int main(void)
{
	if (pipe(request) || pipe(reply))
		return 1;
	if (fork() == 0)
		_exit(0);
	wait(NULL);
	run_two(serves, asks);
	return 0;
}
