// expect: hazard ; kind: file-stream ; locks: stdout lock_table ; note: flockfile(stdout) and a mutex in both orders
#include "file.h"

static pthread_mutex_t lock_table = PTHREAD_MUTEX_INITIALIZER;

static void *first(void *arg)
{
	(void)arg;
	flockfile(stdout);
	flockfile(stdout);
	funlockfile(stdout);
	pthread_mutex_lock(&lock_table);
	pthread_mutex_unlock(&lock_table);
	funlockfile(stdout);
	return NULL;
}

static void *second(void *arg)
{
	(void)arg;
	nap(60);
	pthread_mutex_lock(&lock_table);
	flockfile(stdout);
	funlockfile(stdout);
	pthread_mutex_unlock(&lock_table);
	return NULL;
}

int main(void)
{
	run_two(first, second);
	return 0;
}
