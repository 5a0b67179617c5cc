// expect: hazard ; kind: workqueue-flush ; locks: through more ; note: a pool with one lock for everything; who queues a part waits for it without letting the lock go
#include "one-lock.h"

static void whole(struct job *j)
{
	struct job p = { .run = part };

	(void)j;
	pthread_mutex_lock(&lock);
	push(&p);
	await(&p);
	pthread_mutex_unlock(&lock);
}

int main(void)
{
	return serve_two(whole);
}
