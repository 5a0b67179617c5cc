// expect: clean ; kind: lock-copied ; locks: slot_lock ; note: an array of idle locks moves to a larger place; a template is copied before its lock is used
#include "subject.h"

struct slot {
	int n;
	pthread_mutex_t slot_lock;
};

static const struct slot model = { 0, PTHREAD_MUTEX_INITIALIZER };

static void use(struct slot *s)
{
	pthread_mutex_lock(&s->slot_lock);
	s->n++;
	pthread_mutex_unlock(&s->slot_lock);
}

int main(void)
{
	struct slot *slots = NULL;

	for (size_t n = 1; n < 200; n++) {
		slots = realloc(slots, n * sizeof(*slots));
		slots[n - 1] = model;
		for (size_t i = 0; i < n; i++)
			use(&slots[i]);
	}
	free(slots);
	return 0;
}
