// expect: misuse ; kind: exit-held ; locks: state_lock ; note: exit(0) in the middle of what the lock is for
#include "subject.h"

static pthread_mutex_t state_lock = PTHREAD_MUTEX_INITIALIZER;

static void stop(int now)
{
	pthread_mutex_lock(&state_lock);
	if (now)
		exit(0);
	pthread_mutex_unlock(&state_lock);
}

int main(void)
{
	stop(0);
	stop(1);
	return 0;
}
