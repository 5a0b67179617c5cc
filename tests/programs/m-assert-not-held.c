// expect: misuse ; kind: assert-not-held ; locks: log_lock ; note: a function that will take the lock itself is called with it held
#include "../../include/lockdag/lockdag.h"
#include "subject.h"

static pthread_mutex_t log_lock = PTHREAD_MUTEX_INITIALIZER;

static void log_flush(int wait)
{
	lockdag_assert_not_held(&log_lock);
	if (!wait)
		return;
	pthread_mutex_lock(&log_lock);
	pthread_mutex_unlock(&log_lock);
}

int main(void)
{
	log_flush(1);
	pthread_mutex_lock(&log_lock);
	log_flush(0);
	pthread_mutex_unlock(&log_lock);
	return 0;
}
