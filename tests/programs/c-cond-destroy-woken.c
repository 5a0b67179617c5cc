// expect: clean ; kind: cond-destroy-waiter ; locks: cv_lock ; note: a condition is destroyed as soon as all its waiters were signalled
#include "subject.h"

static pthread_mutex_t cv_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cv;
static int waiting, go;

static void *waiter(void *arg)
{
	(void)arg;
	pthread_mutex_lock(&cv_lock);
	waiting++;
	while (!go)
		pthread_cond_wait(&cv, &cv_lock);
	pthread_mutex_unlock(&cv_lock);
	return NULL;
}

int main(void)
{
	for (int round = 0; round < 30; round++) {
		pthread_t t[4];

		pthread_cond_init(&cv, NULL);
		waiting = go = 0;
		for (int i = 0; i < 4; i++)
			pthread_create(&t[i], NULL, waiter, NULL);
		for (;;) {
			pthread_mutex_lock(&cv_lock);
			if (waiting == 4)
				break;
			pthread_mutex_unlock(&cv_lock);
			nap(1);
		}
		go = 1;
		pthread_cond_broadcast(&cv);
		pthread_mutex_unlock(&cv_lock);
		pthread_cond_destroy(&cv);
		for (int i = 0; i < 4; i++)
			pthread_join(t[i], NULL);
	}
	return 0;
}
