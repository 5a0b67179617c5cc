// expect: clean ; kind: workqueue-flush ; locks: done work ; note: the two clients submit and wait under a lock, one at a time
#include "workers.h"

static pthread_mutex_t requests = PTHREAD_MUTEX_INITIALIZER;

static int first_over, second_here;

static void *client(void *late)
{
	struct task t;

	task_init(&t, whole_run);
	if (late) {
		flag_set(&second_here);
		flag_await(late);
	} else {
		flag_await(&second_here);
	}
	pthread_mutex_lock(&requests);
	crew_submit(&crew, &t);
	task_await(&t);
	pthread_mutex_unlock(&requests);
	flag_set(&first_over);
	return NULL;
}

int main(void)
{
	pthread_t a, b;

	crew_start(&crew, 2);
	pthread_create(&a, NULL, client, NULL);
	pthread_create(&b, NULL, client, &first_over);
	pthread_join(a, NULL);
	pthread_join(b, NULL);
	crew_end(&crew);
	return 0;
}
