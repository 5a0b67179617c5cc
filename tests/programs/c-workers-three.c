// expect: clean ; kind: workqueue-flush ; locks: done work ; note: the same two clients, and three workers: one is always left for the parts
#include "workers.h"

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
	crew_submit(&crew, &t);
	task_await(&t);
	flag_set(&first_over);
	return NULL;
}

int main(void)
{
	pthread_t a, b;

	crew_start(&crew, 3);
	pthread_create(&a, NULL, client, NULL);
	pthread_create(&b, NULL, client, &first_over);
	pthread_join(a, NULL);
	pthread_join(b, NULL);
	crew_end(&crew);
	return 0;
}
