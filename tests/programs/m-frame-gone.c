// expect: misuse ; kind: free-held ; locks: local_lock ; note: a function returns with its local lock held
#include "subject.h"

static pthread_mutex_t later_lock = PTHREAD_MUTEX_INITIALIZER;

static __attribute__((noinline)) void leaves(void)
{
	pthread_mutex_t local_lock;

	pthread_mutex_init(&local_lock, NULL);
	pthread_mutex_lock(&local_lock);
	__asm__ volatile("" ::: "memory");
}

int main(void)
{
	leaves();
	pthread_mutex_lock(&later_lock);
	pthread_mutex_unlock(&later_lock);
	return 0;
}
