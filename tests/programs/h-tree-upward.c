// expect: hazard ; kind: lock-hierarchy ; locks: lock lock ; note: one walks down the tree of heap nodes, the other from a leaf upwards
#include "subject.h"

struct node {
	pthread_mutex_t lock;
	struct node *parent, *left, *right;
};

static struct node *root;

static struct node *grow(struct node *parent, int depth)
{
	struct node *n = calloc(1, sizeof(*n));

	n->parent = parent;
	pthread_mutex_init(&n->lock, NULL);
	if (depth) {
		n->left = grow(n, depth - 1);
		n->right = grow(n, depth - 1);
	}
	return n;
}

static void walk(struct node *n)
{
	pthread_mutex_lock(&n->lock);
	if (n->left) {
		walk(n->left);
		walk(n->right);
	}
	pthread_mutex_unlock(&n->lock);
}

static void *down(void *arg)
{
	(void)arg;
	walk(root);
	return NULL;
}

static void *up(void *arg)
{
	struct node *leaf = root;

	(void)arg;
	nap(60);
	while (leaf->right)
		leaf = leaf->right;
	pthread_mutex_lock(&leaf->lock);
	pthread_mutex_lock(&leaf->parent->lock);
	pthread_mutex_unlock(&leaf->parent->lock);
	pthread_mutex_unlock(&leaf->lock);
	return NULL;
}

int main(void)
{
	root = grow(NULL, 4);
	run_two(down, up);
	return 0;
}
