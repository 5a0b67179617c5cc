// expect: hazard ; kind: mutex-cycle ; locks: north east south west ; note: four philosophers by one piece of code
#include "subject.h"

static pthread_mutex_t north = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t east = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t south = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t west = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t *const locks[] = { &north, &east, &south, &west };

static void *turn(void *arg)
{
	long i = (long)arg;

	nap((int)(20 * i));
	pthread_mutex_lock(locks[i]);
	pthread_mutex_lock(locks[(i + 1) % 4]);
	pthread_mutex_unlock(locks[(i + 1) % 4]);
	pthread_mutex_unlock(locks[i]);
	return NULL;
}

int main(void)
{
	pthread_t t[4];

	for (long i = 0; i < 4; i++)
		pthread_create(&t[i], NULL, turn, (void *)i);
	for (int i = 0; i < 4; i++)
		pthread_join(t[i], NULL);
	return 0;
}
