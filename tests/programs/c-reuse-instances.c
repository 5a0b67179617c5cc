// expect: clean ; kind: address-reuse ; locks: lock lock ; note: two accounts are freed without destroy and born again with their addresses swapped: no pair is taken both ways round
#include "subject.h"

struct account {
	pthread_mutex_t lock;
	int money;
};

static struct account *places[2];

static void transfer(struct account *from, struct account *to)
{
	pthread_mutex_lock(&from->lock);
	pthread_mutex_lock(&to->lock);
	from->money--;
	to->money++;
	pthread_mutex_unlock(&to->lock);
	pthread_mutex_unlock(&from->lock);
}

static void bear(void)
{
	for (int i = 0; i < 2; i++) {
		memset(places[i], 0, sizeof(*places[i]));
		pthread_mutex_init(&places[i]->lock, NULL);
	}
}

static void *first(void *arg)
{
	(void)arg;
	transfer(places[0], places[1]);
	bear();
	return NULL;
}

static void *second(void *arg)
{
	(void)arg;
	nap(120);
	transfer(places[1], places[0]);
	return NULL;
}

int main(void)
{
	for (int i = 0; i < 2; i++)
		places[i] = malloc(sizeof(*places[i]));
	bear();
	run_two(first, second);
	return 0;
}
