// expect: hazard ; kind: same-class ; locks: table[3] table[40] ; note: items move between hash buckets, the source first
#include "subject.h"

#define BUCKETS 64

struct bucket {
	pthread_mutex_t lock;
	int items;
};

static struct bucket table[BUCKETS];

static void move(int from, int to)
{
	pthread_mutex_lock(&table[from].lock);
	pthread_mutex_lock(&table[to].lock);
	table[from].items--;
	table[to].items++;
	pthread_mutex_unlock(&table[from].lock);
	pthread_mutex_unlock(&table[to].lock);
}

static void *first(void *arg)
{
	(void)arg;
	for (int i = 0; i + 1 < BUCKETS; i++)
		move(i, i + 1);
	move(3, 40);
	return NULL;
}

static void *second(void *arg)
{
	(void)arg;
	nap(60);
	move(40, 3);
	return NULL;
}

int main(void)
{
	run_two(first, second);
	return 0;
}
