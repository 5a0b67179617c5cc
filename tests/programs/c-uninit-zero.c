// expect: clean ; kind: uninitialised ; locks: zero_lock ; note: cleared memory is what the static initialisers are
#include "subject.h"

struct table {
	pthread_mutex_t zero_lock;
	pthread_rwlock_t zero_rw;
};

int main(void)
{
	struct table *t = calloc(1, sizeof(*t));

	pthread_mutex_lock(&t->zero_lock);
	pthread_rwlock_rdlock(&t->zero_rw);
	pthread_rwlock_unlock(&t->zero_rw);
	pthread_mutex_unlock(&t->zero_lock);
	free(t);
	return 0;
}
