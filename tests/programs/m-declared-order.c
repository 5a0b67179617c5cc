// expect: misuse ; kind: declared-order ; locks: log_lock ; note: only the wrong order is taken, by one thread, over a name between
#include "../../include/lockdag/lockdag.h"
#include "subject.h"

static pthread_mutex_t log_lock = PTHREAD_MUTEX_INITIALIZER, cache_lock = PTHREAD_MUTEX_INITIALIZER;

int main(void)
{
	lockdag_order("log_lock", "index_lock");
	lockdag_order("index_lock", "cache_lock");
	pthread_mutex_lock(&cache_lock);
	pthread_mutex_lock(&log_lock);
	pthread_mutex_unlock(&log_lock);
	pthread_mutex_unlock(&cache_lock);
	return 0;
}
