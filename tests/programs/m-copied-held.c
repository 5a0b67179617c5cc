// expect: misuse ; kind: lock-copied ; locks: item_lock ; note: an object is copied while its lock is held, and the copy is unlocked too
#include "subject.h"

struct item {
	int n;
	pthread_mutex_t item_lock;
};

int main(void)
{
	struct item *from = calloc(1, sizeof(*from)), *to = calloc(1, sizeof(*to));

	pthread_mutex_init(&from->item_lock, NULL);
	pthread_mutex_lock(&from->item_lock);
	*to = *from;
	pthread_mutex_unlock(&to->item_lock);
	pthread_mutex_unlock(&from->item_lock);
	return 0;
}
