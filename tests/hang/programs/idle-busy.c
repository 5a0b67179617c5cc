// expect: idle ; kind: mutex ; verdict: * ; core: none ; note: four threads take two locks in one order, all the time
#include "../../programs/subject.h"

static pthread_mutex_t lock_a = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t lock_b = PTHREAD_MUTEX_INITIALIZER;
static pthread_spinlock_t spin;

static void *worker(void *arg)
{
	for (;;) {
		pthread_mutex_lock(&lock_a);
		pthread_mutex_lock(&lock_b);
		pthread_spin_lock(&spin);
		pthread_spin_unlock(&spin);
		pthread_mutex_unlock(&lock_b);
		pthread_mutex_unlock(&lock_a);
		pthread_spin_lock(&spin);
		pthread_spin_unlock(&spin);
	}
	return arg;
}

int main(void)
{
	pthread_t t[4];

	pthread_spin_init(&spin, 0);
	for (int i = 0; i < 4; i++)
		pthread_create(&t[i], NULL, worker, NULL);
	pthread_join(t[0], NULL);
	return 0;
}
