// expect: clean ; kind: same-class ; locks: table[3] table[40] ; note: items move between hash buckets, the lower bucket first
#include "subject.h"

#define BUCKETS 64

struct bucket {
	pthread_mutex_t lock;
	int items;
};

static struct bucket table[BUCKETS];

static void move(int from, int to)
{
	pthread_mutex_lock(&table[from < to ? from : to].lock);
	pthread_mutex_lock(&table[from < to ? to : from].lock);
	table[from].items--;
	table[to].items++;
	pthread_mutex_unlock(&table[from].lock);
	pthread_mutex_unlock(&table[to].lock);
}

static void *work(void *arg)
{
	for (int i = 0; i < BUCKETS; i++) {
		if (i != i * 7 % BUCKETS)
			move(arg ? i : i * 7 % BUCKETS, arg ? i * 7 % BUCKETS : i);
	}
	move(3, 40);
	move(40, 3);
	return NULL;
}

static void *other(void *arg)
{
	(void)arg;
	return work(table);
}

int main(void)
{
	run_two(work, other);
	return 0;
}
