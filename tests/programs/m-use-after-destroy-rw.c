// expect: misuse ; kind: use-after-destroy ; locks: rw_dead ; note: an rwlock is read-locked after it was destroyed
#include "subject.h"

static pthread_rwlock_t rw_dead;

int main(void)
{
	pthread_rwlock_init(&rw_dead, NULL);
	pthread_rwlock_destroy(&rw_dead);
	pthread_rwlock_rdlock(&rw_dead);
	pthread_rwlock_unlock(&rw_dead);
	return 0;
}
