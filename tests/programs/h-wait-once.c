// expect: hazard ; kind: once ; locks: once_conf lock_conf ; note: pthread_once is called with a lock held which the routine takes, if it is another thread that runs it
#include "subject.h"

static pthread_mutex_t lock_conf = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t lock_log = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t once_conf = PTHREAD_ONCE_INIT;

static void read_conf(void)
{
	pthread_mutex_lock(&lock_conf);
	pthread_mutex_unlock(&lock_conf);
}

static void *first(void *arg)
{
	pthread_once(&once_conf, read_conf);
	return arg;
}

static void *second(void *arg)
{
	nap(80);
	pthread_mutex_lock(&lock_conf);
	pthread_once(&once_conf, read_conf);
	pthread_mutex_lock(&lock_log);
	pthread_mutex_unlock(&lock_log);
	pthread_mutex_unlock(&lock_conf);
	return arg;
}

int main(void)
{
	run_two(first, second);
	return 0;
}
