// expect: hazard ; kind: exit-lock ; locks: exit_lock join_worker ; note: a handler joins a thread that calls exit
#include "subject.h"

static pthread_t worker_thread;
static sem_t main_exits;

static void *worker(void *arg)
{
	(void)arg;
	sem_wait(&main_exits);
	exit(0);
}

static void cleanup(int status, void *arg)
{
	(void)status;
	(void)arg;
	sem_post(&main_exits);
	pthread_join(worker_thread, NULL);
}

int main(void)
{
	sem_init(&main_exits, 0, 0);
	on_exit(cleanup, NULL);
	pthread_create(&worker_thread, NULL, worker, NULL);
	return 0;
}
