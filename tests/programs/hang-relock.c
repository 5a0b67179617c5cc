// expect: hang ; kind: relock ; locks: lock_self ; note: a thread locks the mutex that it holds
#include "subject.h"

static pthread_mutex_t lock_self = PTHREAD_MUTEX_INITIALIZER;

int main(void)
{
	pthread_mutex_lock(&lock_self);
	pthread_mutex_lock(&lock_self);
	return 0;
}
