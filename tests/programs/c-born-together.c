// expect: clean ; kind: same-class ; locks: shelf_lock book_lock ; note: locks of two kinds born at one site, always the one kind before the other
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

static void *work(void *arg)
{
	(void)arg;
	for (int i = 0; i < 3; i++) {
		for (int k = 0; k < 3; k++)
			read_book(i, k);
	}
	return NULL;
}

int main(void)
{
	build();
	run_two(work, work);
	return 0;
}
