// expect: clean ; kind: workqueue-flush ; locks: through more ; note: the same, but who waits does what is in the queue meanwhile; in this run another one has taken it by then
#include "one-lock.h"

static void whole(struct job *j)
{
	struct job p = { .run = part };

	(void)j;
	pthread_mutex_lock(&lock);
	push(&p);
	pthread_mutex_unlock(&lock);
	flag_await(&p.begun);
	pthread_mutex_lock(&lock);
	will_sleep(&p.waiter);
	while (!p.done)
		if (!run_one())
			pthread_cond_wait(&through, &lock);
	pthread_mutex_unlock(&lock);
}

int main(void)
{
	return serve_two(whole);
}
