// expect: hazard ; kind: exit-lock ; locks: exit_lock lock_log ; note: quick_exit and its handlers
#include "subject.h"

static pthread_mutex_t lock_log = PTHREAD_MUTEX_INITIALIZER;
static void cleanup(void)
{
	pthread_mutex_lock(&lock_log);
	pthread_mutex_unlock(&lock_log);
	nap(200);
}

static void *fails(void *arg)
{
	(void)arg;
	nap(90);
	pthread_mutex_lock(&lock_log);
	quick_exit(0);
}

int main(void)
{
	pthread_t t;

	at_quick_exit(cleanup);
	pthread_create(&t, NULL, fails, NULL);
	nap(30);
	quick_exit(0);
}
