// expect: misuse ; kind: free-held ; locks: grow_lock ; note: an array of locks moves while one of them is held
#include "subject.h"

struct slot {
	pthread_mutex_t grow_lock;
};

int main(void)
{
	struct slot *slots = calloc(2, sizeof(*slots));
	void *between = malloc(64);

	pthread_mutex_init(&slots[0].grow_lock, NULL);
	pthread_mutex_lock(&slots[0].grow_lock);
	slots = realloc(slots, 100000 * sizeof(*slots));
	free(between);
	return slots == NULL;
}
