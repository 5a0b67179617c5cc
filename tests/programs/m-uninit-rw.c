// expect: misuse ; kind: uninitialised ; locks: rw_garbage ; note: an rwlock that was never initialised, in memory full of garbage, is tried
#include "subject.h"

struct table {
	int n;
	pthread_rwlock_t rw_garbage;
};

int main(void)
{
	struct table *t = malloc(sizeof(*t));

	memset(t, 0x77, sizeof(*t));
	pthread_rwlock_tryrdlock(&t->rw_garbage);
	free(t);
	return 0;
}
