// expect: hazard ; kind: same-class ; locks: * * ; note: locks of two kinds born at one site, both orders of one pair
#include "subject.h"
#include <stddef.h>

struct shelf {
	pthread_mutex_t shelf_lock;
	int books;
};

struct book {
	int pages;
	pthread_mutex_t book_lock;
};

static struct shelf *shelves[3];
static struct book *books[3];

static __attribute__((noinline)) void *make(size_t size, size_t lock)
{
	char *object = calloc(1, size);

	pthread_mutex_init((pthread_mutex_t *)(object + lock), NULL);
	return object;
}

static void build(void)
{
	for (int i = 0; i < 3; i++) {
		shelves[i] = make(sizeof(struct shelf), offsetof(struct shelf, shelf_lock));
		books[i] = make(sizeof(struct book), offsetof(struct book, book_lock));
	}
}

static void read_book(int shelf, int book)
{
	pthread_mutex_lock(&shelves[shelf]->shelf_lock);
	pthread_mutex_lock(&books[book]->book_lock);
	pthread_mutex_unlock(&books[book]->book_lock);
	pthread_mutex_unlock(&shelves[shelf]->shelf_lock);
}

static void *first(void *arg)
{
	(void)arg;
	read_book(0, 0);
	return NULL;
}

static void *second(void *arg)
{
	(void)arg;
	nap(60);
	pthread_mutex_lock(&books[0]->book_lock);
	pthread_mutex_lock(&shelves[0]->shelf_lock);
	pthread_mutex_unlock(&shelves[0]->shelf_lock);
	pthread_mutex_unlock(&books[0]->book_lock);
	return NULL;
}

int main(void)
{
	build();
	run_two(first, second);
	return 0;
}
