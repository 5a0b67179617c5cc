// expect: hang ; kind: once ; locks: lock_setup control ; note: the once routine wants a lock that one who waits for the routine holds
#include "meet.h"

static pthread_mutex_t lock_setup = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t control = PTHREAD_ONCE_INIT;

static void setup(void)
{
	meet(2);
	pthread_mutex_lock(&lock_setup);
	pthread_mutex_unlock(&lock_setup);
}

static void *runner(void *arg)
{
	(void)arg;
	pthread_once(&control, setup);
	return NULL;
}

static void *holder(void *arg)
{
	(void)arg;
	pthread_mutex_lock(&lock_setup);
	meet(2);
	pthread_once(&control, setup);
	pthread_mutex_unlock(&lock_setup);
	return NULL;
}

int main(void)
{
	run_two(runner, holder);
	return 0;
}
