// expect: misuse ; kind: lock-copied ; locks: model_lock ; note: a structure is copied with the mutex in it, and the copy is used
#include "subject.h"

static struct shape {
	int sides;
	pthread_mutex_t model_lock;
} shape = { 4, PTHREAD_MUTEX_INITIALIZER };

int main(void)
{
	struct shape copy;

	pthread_mutex_lock(&shape.model_lock);
	shape.sides++;
	pthread_mutex_unlock(&shape.model_lock);
	copy = shape;
	pthread_mutex_lock(&copy.model_lock);
	pthread_mutex_unlock(&copy.model_lock);
	return 0;
}
