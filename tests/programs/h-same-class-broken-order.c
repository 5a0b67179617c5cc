// expect: hazard ; kind: same-class-order ; locks: accounts[5] accounts[4] ; note: one pair against the order by address that all others keep; that pair was never seen the other way round
#include "subject.h"

struct account {
	pthread_mutex_t lock;
	int money;
};

static struct account accounts[8];

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
	for (int i = 0; i < 8; i++) {
		for (int k = i + 1; k < 8; k++) {
			if (i != 4 || k != 5)
				transfer(&accounts[i], &accounts[k]);
		}
	}
	return NULL;
}

static void *second(void *arg)
{
	(void)arg;
	nap(60);
	transfer(&accounts[5], &accounts[4]);
	return NULL;
}

int main(void)
{
	for (int i = 0; i < 8; i++)
		pthread_mutex_init(&accounts[i].lock, NULL);
	run_two(first, second);
	return 0;
}
