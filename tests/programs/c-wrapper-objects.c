// expect: clean ; kind: wrapper ; locks: list_lock item_lock ; note: the same, one order over all objects
#include "subject.h"

struct item {
	pthread_mutex_t item_lock;
	int n;
};

struct list {
	struct item *first;
	pthread_mutex_t list_lock;
};

static struct list *lists[12];
static struct item *items[12];

static __attribute__((noinline)) void my_init(pthread_mutex_t *lock)
{
	pthread_mutex_init(lock, NULL);
}

static __attribute__((noinline)) void my_lock(pthread_mutex_t *lock)
{
	pthread_mutex_lock(lock);
}

static __attribute__((noinline)) void my_unlock(pthread_mutex_t *lock)
{
	pthread_mutex_unlock(lock);
}

static struct list *list_new(void)
{
	struct list *l = calloc(1, sizeof(*l));

	my_init(&l->list_lock);
	return l;
}

static struct item *item_new(void)
{
	struct item *i = calloc(1, sizeof(*i));

	my_init(&i->item_lock);
	return i;
}

static void *first(void *arg)
{
	(void)arg;
	for (int i = 0; i < 12; i++) {
		my_lock(&lists[i]->list_lock);
		my_lock(&items[i]->item_lock);
		my_unlock(&items[i]->item_lock);
		my_unlock(&lists[i]->list_lock);
	}
	return NULL;
}

static void *second(void *arg)
{
	(void)arg;
	nap(60);
	my_lock(&lists[10]->list_lock);
	my_lock(&items[11]->item_lock);
	my_unlock(&items[11]->item_lock);
	my_unlock(&lists[10]->list_lock);
	return NULL;
}

int main(void)
{
	for (int i = 0; i < 12; i++) {
		lists[i] = list_new();
		items[i] = item_new();
	}
	run_two(first, second);
	return 0;
}
