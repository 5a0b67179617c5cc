// expect: hazard ; kind: same-class ; locks: lock lock ; note: both orders of one pair among 200 heap objects, the pair far behind the first ones
#include "subject.h"

#define N 200

struct account {
	pthread_mutex_t lock;
	int money;
};

static struct account *accounts[N];

static void transfer(struct account *from, struct account *to)
{
	pthread_mutex_lock(&from->lock);
	pthread_mutex_lock(&to->lock);
	from->money--;
	to->money++;
	pthread_mutex_unlock(&to->lock);
	pthread_mutex_unlock(&from->lock);
}

static void *first(void *arg)
{
	(void)arg;
	for (int i = 1; i < N; i++)
		transfer(accounts[i - 1], accounts[i]);
	return NULL;
}

static void *second(void *arg)
{
	(void)arg;
	nap(60);
	transfer(accounts[151], accounts[150]);
	return NULL;
}

int main(void)
{
	for (int i = 0; i < N; i++) {
		accounts[i] = calloc(1, sizeof(*accounts[i]));
		pthread_mutex_init(&accounts[i]->lock, NULL);
	}
	run_two(first, second);
	return 0;
}
