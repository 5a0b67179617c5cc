// expect: clean ; kind: hand-over-hand ; locks: lock lock ; note: a list of 100 heap cells, both walk it forwards
#include "subject.h"

struct cell {
	pthread_mutex_t lock;
	struct cell *next, *last;
};

static struct cell *first_cell, *last_cell;

static void build(void)
{
	for (int i = 0; i < 100; i++) {
		struct cell *c = calloc(1, sizeof(*c));

		pthread_mutex_init(&c->lock, NULL);
		c->last = last_cell;
		if (last_cell)
			last_cell->next = c;
		else
			first_cell = c;
		last_cell = c;
	}
}

static void *forward(void *arg)
{
	struct cell *c = first_cell;

	(void)arg;
	pthread_mutex_lock(&c->lock);
	for (; c->next; c = c->next) {
		pthread_mutex_lock(&c->next->lock);
		pthread_mutex_unlock(&c->lock);
	}
	pthread_mutex_unlock(&c->lock);
	return NULL;
}

int main(void)
{
	build();
	run_two(forward, forward);
	return 0;
}
