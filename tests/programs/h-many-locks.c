// expect: hazard ; kind: scale ; locks: parent_lock child_lock ; note: one inversion among thousands of locks of two classes
#include "subject.h"

#define N 3000

struct parent {
	pthread_mutex_t parent_lock;
};

struct child {
	pthread_mutex_t child_lock;
};

static struct parent *parents[N];
static struct child *children[N];

static void *down(void *arg)
{
	(void)arg;
	for (int i = 0; i < N; i++) {
		pthread_mutex_lock(&parents[i]->parent_lock);
		pthread_mutex_lock(&children[i]->child_lock);
		pthread_mutex_unlock(&children[i]->child_lock);
		pthread_mutex_unlock(&parents[i]->parent_lock);
	}
	return NULL;
}

static void *up_once(void *arg)
{
	(void)arg;
	nap(100);
	pthread_mutex_lock(&children[N / 2]->child_lock);
	pthread_mutex_lock(&parents[N / 2]->parent_lock);
	pthread_mutex_unlock(&parents[N / 2]->parent_lock);
	pthread_mutex_unlock(&children[N / 2]->child_lock);
	return NULL;
}

int main(void)
{
	for (int i = 0; i < N; i++) {
		parents[i] = malloc(sizeof(*parents[i]));
		children[i] = malloc(sizeof(*children[i]));
		pthread_mutex_init(&parents[i]->parent_lock, NULL);
		pthread_mutex_init(&children[i]->child_lock, NULL);
	}
	run_two(down, up_once);
	return 0;
}
