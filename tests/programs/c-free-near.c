// expect: clean ; kind: free-held ; locks: list_lock ; note: much is freed under a lock, and its own memory when it is released
#include "subject.h"

struct list {
	pthread_mutex_t list_lock;
	void *items[64];
};

int main(void)
{
	struct list *l = malloc(sizeof(*l));

	pthread_mutex_init(&l->list_lock, NULL);
	for (int round = 0; round < 20; round++) {
		pthread_mutex_lock(&l->list_lock);
		for (int i = 0; i < 64; i++)
			l->items[i] = realloc(malloc(16), 100 + 50 * (size_t)i);
		for (int i = 0; i < 64; i++)
			free(l->items[i]);
		pthread_mutex_unlock(&l->list_lock);
	}
	free(l);
	return 0;
}
