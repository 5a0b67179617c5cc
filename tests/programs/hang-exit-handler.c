// expect: hang ; kind: relock ; locks: lock_log ; note: a handler takes the mutex with which exit was called
#include "subject.h"

static pthread_mutex_t lock_log = PTHREAD_MUTEX_INITIALIZER;

static void cleanup(void)
{
	pthread_mutex_lock(&lock_log);
}

int main(void)
{
	atexit(cleanup);
	pthread_mutex_lock(&lock_log);
	exit(0);
}
