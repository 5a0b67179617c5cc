// expect: clean ; kind: scale ; locks: parent_lock child_lock ; note: 20000 locks of two classes come and go, 5000 of each live at once
#include "subject.h"

#define N 5000

struct parent {
	pthread_mutex_t parent_lock;
};

struct child {
	pthread_mutex_t child_lock;
};

static void *work(void *arg)
{
	struct parent **parents = calloc(N, sizeof(*parents));
	struct child **children = calloc(N, sizeof(*children));

	(void)arg;
	for (int i = 0; i < N; i++) {
		children[i] = malloc(sizeof(**children));
		parents[i] = malloc(sizeof(**parents));
		pthread_mutex_init(&children[i]->child_lock, NULL);
		pthread_mutex_init(&parents[i]->parent_lock, NULL);
	}
	for (int i = 0; i < N; i++) {
		pthread_mutex_lock(&parents[i]->parent_lock);
		pthread_mutex_lock(&children[N - 1 - i]->child_lock);
		pthread_mutex_unlock(&children[N - 1 - i]->child_lock);
		pthread_mutex_unlock(&parents[i]->parent_lock);
	}
	for (int i = 0; i < N; i++) {
		pthread_mutex_destroy(&parents[i]->parent_lock);
		pthread_mutex_destroy(&children[i]->child_lock);
		free(parents[i]);
		free(children[i]);
	}
	free(parents);
	free(children);
	return NULL;
}

int main(void)
{
	run_two(work, work);
	return 0;
}
