// expect: misuse ; kind: assert-held ; locks: cache_lock ; note: a function that wants its caller to hold the lock is called with another one held
#include "../../include/lockdag/lockdag.h"
#include "subject.h"

static pthread_mutex_t cache_lock = PTHREAD_MUTEX_INITIALIZER, index_lock = PTHREAD_MUTEX_INITIALIZER;
static int entries;

static void cache_add(void)
{
	lockdag_assert_held(&cache_lock);
	entries++;
}

int main(void)
{
	pthread_mutex_lock(&cache_lock);
	cache_add();
	pthread_mutex_unlock(&cache_lock);
	pthread_mutex_lock(&index_lock);
	cache_add();
	pthread_mutex_unlock(&index_lock);
	return 0;
}
