// expect: misuse ; kind: exit-held ; locks: state_lock ; note: exit(0) in the middle of what the lock is for
#include "subject.h"

static pthread_mutex_t state_lock = PTHREAD_MUTEX_INITIALIZER;

static __attribute__((noinline)) void stop(int status)
{
	exit(status);
}

int main(void)
{
	pthread_mutex_lock(&state_lock);
	stop(0);
	pthread_mutex_unlock(&state_lock);
	return 0;
}
