// expect: hang ; kind: lost-wakeup ; locks: go * ; note: the signal came before the wait: nobody is left to signal
#include "../../programs/subject.h"

static pthread_mutex_t lock_go = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t go = PTHREAD_COND_INITIALIZER;

static void *waiter(void *arg)
{
	(void)arg;
	pthread_mutex_lock(&lock_go);
	pthread_cond_wait(&go, &lock_go);
	return NULL;
}

static void *signaller(void *arg)
{
	(void)arg;
	pthread_cond_signal(&go);
	return NULL;
}

int main(void)
{
	pthread_t t;

	pthread_create(&t, NULL, signaller, NULL);
	pthread_join(t, NULL);
	pthread_create(&t, NULL, waiter, NULL);
	pthread_join(t, NULL);
	return 0;
}
