// expect: hazard ; kind: signal-lock ; locks: lock_rw ; note: the handler writes what its thread may be reading
#include "context.h"

static pthread_rwlock_t lock_rw = PTHREAD_RWLOCK_INITIALIZER;

static void on_signal(int number)
{
	(void)number;
	pthread_rwlock_wrlock(&lock_rw);
	pthread_rwlock_unlock(&lock_rw);
}

int main(void)
{
	install(SIGUSR1, on_signal, 0);
	pthread_rwlock_rdlock(&lock_rw);
	pthread_rwlock_unlock(&lock_rw);
	raise(SIGUSR1);
	return 0;
}
