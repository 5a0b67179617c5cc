// expect: misuse ; kind: free-held ; locks: node_lock ; note: an object is freed with its lock held
#include "subject.h"

struct node {
	int value;
	pthread_mutex_t node_lock;
};

int main(void)
{
	struct node *n = malloc(sizeof(*n));

	pthread_mutex_init(&n->node_lock, NULL);
	pthread_mutex_lock(&n->node_lock);
	free(n);
	return 0;
}
