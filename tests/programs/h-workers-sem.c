// expect: hazard ; kind: workqueue-flush ; locks: done jobs ; note: two workers that count their jobs by a semaphore; each job posts a part, and waits for it by a semaphore of its own
#include "asleep.h"

struct job {
	void (*run)(struct job *);
	sem_t done;
	int waiter, over;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct job *queue[16];
static int first, last;
static sem_t jobs;

static void post(struct job *j, void (*run)(struct job *))
{
	if (j) {
		j->run = run;
		j->waiter = j->over = 0;
		sem_init(&j->done, 0, 0);
	}
	pthread_mutex_lock(&lock);
	queue[last++ % 16] = j;
	pthread_mutex_unlock(&lock);
	sem_post(&jobs);
}

static void part(struct job *j)
{
	await_asleep(&j->waiter);
}

static void whole(struct job *j)
{
	struct job p;

	post(&p, part);
	will_sleep(&p.waiter);
	sem_wait(&p.done);
	flag_set(&j->over);
}

static void *serve(void *arg)
{
	struct job *j;

	for (;;) {
		sem_wait(&jobs);
		pthread_mutex_lock(&lock);
		j = queue[first++ % 16];
		pthread_mutex_unlock(&lock);
		if (!j)
			return arg;
		j->run(j);
		sem_post(&j->done);
	}
}

int main(void)
{
	pthread_t threads[2];
	struct job some[3];

	sem_init(&jobs, 0, 0);
	for (int i = 0; i < 2; i++)
		pthread_create(&threads[i], NULL, serve, NULL);
	for (int i = 0; i < 3; i++) {
		post(&some[i], whole);
		flag_await(&some[i].over);
	}
	for (int i = 0; i < 2; i++)
		post(NULL, NULL);
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	return 0;
}
