// expect: misuse ; kind: assert-none-held ; locks: queue_lock ; note: __tsan_check_no_mutexes_held with a mutex held, and before it with none
#include "tsan.h"

void __tsan_check_no_mutexes_held(void) __attribute__((weak));

static pthread_mutex_t queue_lock = PTHREAD_MUTEX_INITIALIZER;

static void callback(void)
{
	if (__tsan_check_no_mutexes_held)
		__tsan_check_no_mutexes_held();
}

int main(void)
{
	callback();
	pthread_mutex_lock(&queue_lock);
	callback();
	pthread_mutex_unlock(&queue_lock);
	return 0;
}
