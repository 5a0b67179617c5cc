// expect: clean ; kind: same-class ; locks: b->lock ; note: two locks of a class in both orders, each time said to be under an outer lock, of which there are too many to be told apart
#include "../../include/lockdag/lockdag.h"
#include "subject.h"

#define OTHERS 40

struct box {
	pthread_mutex_t lock;
};
static struct box *outers[OTHERS], *boxes[2];

static void box_lock(struct box *b)
{
	pthread_mutex_lock(&b->lock);
}

static void both(struct box *outer, struct box *a, struct box *b)
{
	pthread_mutex_lock(&outer->lock);
	lockdag_nest_lock(&a->lock, &outer->lock);
	box_lock(a);
	lockdag_nest_lock(&b->lock, &outer->lock);
	box_lock(b);
	pthread_mutex_unlock(&b->lock);
	pthread_mutex_unlock(&a->lock);
	pthread_mutex_unlock(&outer->lock);
}

static void *one(void *arg)
{
	both(outers[OTHERS - 1], boxes[0], boxes[1]);
	return arg;
}

static void *two(void *arg)
{
	nap(50);
	both(outers[OTHERS - 1], boxes[1], boxes[0]);
	return arg;
}

static struct box *outer_new(void)
{
	struct box *b = calloc(1, sizeof(*b));

	pthread_mutex_init(&b->lock, NULL);
	return b;
}

static struct box *box_new(void)
{
	struct box *b = calloc(1, sizeof(*b));

	pthread_mutex_init(&b->lock, NULL);
	return b;
}

int main(void)
{
	for (int i = 0; i < OTHERS; i++)
		outers[i] = outer_new();
	boxes[0] = box_new();
	boxes[1] = box_new();
	run_two(one, two);
	return 0;
}
