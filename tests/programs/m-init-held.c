// expect: misuse ; kind: double-init ; locks: heap_lock ; note: a mutex on the heap is initialised again while it is held
#include "subject.h"

struct box {
	pthread_mutex_t heap_lock;
};

int main(void)
{
	struct box *b = malloc(sizeof(*b));

	pthread_mutex_init(&b->heap_lock, NULL);
	pthread_mutex_lock(&b->heap_lock);
	pthread_mutex_init(&b->heap_lock, NULL);
	pthread_mutex_lock(&b->heap_lock);
	pthread_mutex_unlock(&b->heap_lock);
	return 0;
}
