// expect: clean ; kind: same-class ; locks: lock ; note: pairs are always locked by address
#include "subject.h"
struct node {
	pthread_mutex_t lock;
	int v;
} * n[6];
static void both(struct node *a, struct node *b)
{
	if (a == b)
		return;
	if (a > b) {
		struct node *t = a;
		a = b;
		b = t;
	}
	pthread_mutex_lock(&a->lock);
	pthread_mutex_lock(&b->lock);
	a->v++;
	b->v--;
	pthread_mutex_unlock(&a->lock);
	pthread_mutex_unlock(&b->lock);
}
static void *w(void *x)
{
	for (int i = 0; i < 60; i++)
		both(n[(i * 5 + (x != 0)) % 6], n[(i * 7 + 3) % 6]);
	return x;
}
int main(void)
{
	for (int i = 0; i < 6; i++) {
		n[i] = malloc(sizeof **n);
		pthread_mutex_init(&n[i]->lock, 0);
	}
	run_two(w, w);
	return 0;
}
