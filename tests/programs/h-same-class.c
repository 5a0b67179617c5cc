// expect: hazard ; kind: same-class ; locks: accounts[1] accounts[3] ; note: two elements of an array in both orders, initialised in a loop
#include "subject.h"

struct account {
	pthread_mutex_t lock;
	int money;
};

static struct account accounts[4];

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
	transfer(&accounts[1], &accounts[3]);
	return NULL;
}

static void *second(void *arg)
{
	(void)arg;
	nap(60);
	transfer(&accounts[3], &accounts[1]);
	return NULL;
}

int main(void)
{
	for (int i = 0; i < 4; i++)
		pthread_mutex_init(&accounts[i].lock, NULL);
	run_two(first, second);
	return 0;
}
