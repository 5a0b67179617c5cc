// expect: clean ; kind: same-class ; locks: lock lock ; note: 200 heap objects, always the one with the lower address first, over all pairs of neighbours and many others
#include "subject.h"

#define N 200

struct account {
	pthread_mutex_t lock;
	int money;
};

static struct account *accounts[N];

static void transfer(struct account *from, struct account *to)
{
	pthread_mutex_lock(from < to ? &from->lock : &to->lock);
	pthread_mutex_lock(from < to ? &to->lock : &from->lock);
	from->money--;
	to->money++;
	pthread_mutex_unlock(&to->lock);
	pthread_mutex_unlock(&from->lock);
}

static void *work(void *arg)
{
	(void)arg;
	for (int i = 0; i < N; i++) {
		for (int step = 1; step < N; step = step * 3 + 1)
			transfer(accounts[i], accounts[(i + step) % N]);
	}
	return NULL;
}

int main(void)
{
	for (int i = 0; i < N; i++) {
		accounts[i] = calloc(1, sizeof(*accounts[i]));
		pthread_mutex_init(&accounts[i]->lock, NULL);
	}
	run_two(work, work);
	return 0;
}
