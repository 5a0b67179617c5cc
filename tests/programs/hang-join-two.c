// expect: hang ; kind: join ; locks: * * ; core: none ; note: two threads wait for the end of each other
#include "meet.h"

static pthread_t thread[2];

static void *first(void *arg)
{
	(void)arg;
	meet(3);
	pthread_join(thread[1], NULL);
	return NULL;
}

static void *second(void *arg)
{
	(void)arg;
	meet(3);
	pthread_join(thread[0], NULL);
	return NULL;
}

int main(void)
{
	pthread_create(&thread[0], NULL, first, NULL);
	pthread_create(&thread[1], NULL, second, NULL);
	meet(3);
	pthread_exit(NULL);
}
