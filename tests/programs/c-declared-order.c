// expect: clean ; kind: declared-order ; locks: log_lock ; note: as declared; and the other way by a try-lock, which does not wait
#include "../../include/lockdag/lockdag.h"
#include "subject.h"

static pthread_mutex_t log_lock = PTHREAD_MUTEX_INITIALIZER, cache_lock = PTHREAD_MUTEX_INITIALIZER;

int main(void)
{
	lockdag_order("log_lock", "cache_lock");
	pthread_mutex_lock(&log_lock);
	pthread_mutex_lock(&cache_lock);
	pthread_mutex_unlock(&cache_lock);
	pthread_mutex_unlock(&log_lock);
	pthread_mutex_lock(&cache_lock);
	if (pthread_mutex_trylock(&log_lock) == 0)
		pthread_mutex_unlock(&log_lock);
	pthread_mutex_unlock(&cache_lock);
	return 0;
}
