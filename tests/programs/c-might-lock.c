// expect: clean ; kind: mutex-order ; locks: cache_lock log_lock ; note: the same, called with nothing held
#include "../../include/lockdag/lockdag.h"
#include "subject.h"

static pthread_mutex_t cache_lock = PTHREAD_MUTEX_INITIALIZER, log_lock = PTHREAD_MUTEX_INITIALIZER;
static int errors;

static void complain(void)
{
	lockdag_might_lock(&log_lock);
	if (!errors)
		return;
	pthread_mutex_lock(&log_lock);
	pthread_mutex_unlock(&log_lock);
}

static void *reader(void *arg)
{
	pthread_mutex_lock(&cache_lock);
	pthread_mutex_unlock(&cache_lock);
	complain();
	return arg;
}

static void *writer(void *arg)
{
	nap(50);
	pthread_mutex_lock(&log_lock);
	pthread_mutex_lock(&cache_lock);
	pthread_mutex_unlock(&cache_lock);
	pthread_mutex_unlock(&log_lock);
	return arg;
}

int main(void)
{
	run_two(reader, writer);
	return 0;
}
