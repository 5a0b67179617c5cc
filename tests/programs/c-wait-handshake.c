// expect: clean ; kind: lock-condvar ; locks: m ; note: thread start handshake under a registry lock that the new thread takes only afterwards
#include "subject.h"
static pthread_mutex_t registry = PTHREAD_MUTEX_INITIALIZER, m = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t started = PTHREAD_COND_INITIALIZER;
static int up, regs;
static void *t(void *x)
{
	pthread_mutex_lock(&m);
	up++;
	pthread_cond_signal(&started);
	pthread_mutex_unlock(&m);
	pthread_mutex_lock(&registry);
	regs++;
	pthread_mutex_unlock(&registry);
	return x;
}
int main(void)
{
	pthread_t id[3];
	for (int i = 0; i < 3; i++) {
		pthread_mutex_lock(&registry);
		pthread_create(&id[i], 0, t, 0);
		pthread_mutex_lock(&m);
		while (up <= i)
			pthread_cond_wait(&started, &m);
		pthread_mutex_unlock(&m);
		pthread_mutex_unlock(&registry);
	}
	for (int i = 0; i < 3; i++)
		pthread_join(id[i], 0);
	return 0;
}
