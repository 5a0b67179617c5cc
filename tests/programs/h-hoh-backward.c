// expect: hazard ; kind: hand-over-hand ; locks: cell[0] cell[1] ; note: one walks the list forwards, the other backwards
#include "subject.h"

#define CELLS 6

static pthread_mutex_t cell[CELLS];

static void *forward(void *arg)
{
	(void)arg;
	pthread_mutex_lock(&cell[0]);
	for (int i = 1; i < CELLS; i++) {
		pthread_mutex_lock(&cell[i]);
		pthread_mutex_unlock(&cell[i - 1]);
	}
	pthread_mutex_unlock(&cell[CELLS - 1]);
	return NULL;
}

static void *backward(void *arg)
{
	(void)arg;
	nap(60);
	pthread_mutex_lock(&cell[CELLS - 1]);
	for (int i = CELLS - 1; i-- > 0;) {
		pthread_mutex_lock(&cell[i]);
		pthread_mutex_unlock(&cell[i + 1]);
	}
	pthread_mutex_unlock(&cell[0]);
	return NULL;
}

int main(void)
{
	for (int i = 0; i < CELLS; i++)
		pthread_mutex_init(&cell[i], NULL);
	run_two(forward, backward);
	return 0;
}
