// expect: hazard ; kind: fork-order ; locks: lock_a lock_b ; note: parent and child have a worker each; the parent's had other work to do this time than the child's, whose first thread takes the two locks the other way round
#include "meet.h"
#include "context.h"

static pthread_mutex_t lock_a = PTHREAD_MUTEX_INITIALIZER, lock_b = PTHREAD_MUTEX_INITIALIZER;

static void *worker(void *both)
{
	if (both)
		nested(&lock_a, &lock_b);
	return NULL;
}

static pthread_t start(void *both)
{
	pthread_t t;

	pthread_create(&t, NULL, worker, both);
	return t;
}

int main(void)
{
	pid_t child = fork();
	pthread_t t = start(child ? &child : NULL);

	if (!child)
		nested(&lock_b, &lock_a);
	pthread_join(t, NULL);
	return child ? child_status(child) : 0;
}
