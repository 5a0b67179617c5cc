// expect: clean ; kind: lock-hierarchy ; locks: lock lock ; note: parent before child in a tree of heap nodes, from two threads
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

static void *work(void *arg)
{
	(void)arg;
	walk(root);
	return NULL;
}

int main(void)
{
	root = grow(NULL, 4);
	run_two(work, work);
	return 0;
}
