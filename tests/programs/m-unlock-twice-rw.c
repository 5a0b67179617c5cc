// expect: misuse ; kind: unlock-unlocked ; locks: rw_idle ; note: a read lock is released twice
#include "subject.h"

static pthread_rwlock_t rw_idle = PTHREAD_RWLOCK_INITIALIZER;

int main(void)
{
	pthread_rwlock_rdlock(&rw_idle);
	pthread_rwlock_unlock(&rw_idle);
	if (pthread_rwlock_trywrlock(&rw_idle) == 0)
		pthread_rwlock_unlock(&rw_idle);
	pthread_rwlock_unlock(&rw_idle);
	return 0;
}
