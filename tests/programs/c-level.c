// expect: clean ; kind: lock-class ; locks: &n->lock &n->lock/1 ; note: levels by acquisition: whoever is the parent comes first at level 0, and each node is a parent once
#include "../../include/lockdag/lockdag.h"
#include "subject.h"

struct node {
	pthread_mutex_t lock;
};
static struct node *parents[2], *children[2];

static void node_lock(struct node *n)
{
	pthread_mutex_lock(&n->lock);
}

static void node_lock_child(struct node *n)
{
	lockdag_lock_nested(&n->lock, 1);
	pthread_mutex_lock(&n->lock);
}

static void node_unlock(struct node *n)
{
	pthread_mutex_unlock(&n->lock);
}

static void *down(void *arg)
{
	for (int i = 0; i < 3; i++) {
		node_lock(parents[0]);
		node_lock_child(children[0]);
		node_unlock(children[0]);
		node_unlock(parents[0]);
	}
	return arg;
}

static void *turned(void *arg)
{
	nap(50);
	node_lock(children[0]);
	node_lock_child(parents[0]);
	node_unlock(parents[0]);
	node_unlock(children[0]);
	return arg;
}

static struct node *node_new(void)
{
	struct node *n = calloc(1, sizeof(*n));

	pthread_mutex_init(&n->lock, NULL);
	return n;
}

int main(void)
{
	for (int i = 0; i < 2; i++) {
		parents[i] = node_new();
		children[i] = node_new();
	}
	run_two(down, turned);
	return 0;
}
