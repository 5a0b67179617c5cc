/* SPDX-License-Identifier: MIT
 *
 * Locks behind helpers: inits behind one function, locks behind another, macros, flexible arrays,
 * arrays of structs. As heap.cpp: each is taken below and above `outer`, and called what is
 * printed. Every lock is another: no two may be reported as one.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sched.h>

#include "wrapped.h"

#define NOINLINE __attribute__((noinline))

pthread_mutex_t outer = PTHREAD_MUTEX_INITIALIZER;

/* ---- one helper makes all, one takes all */
NOINLINE static void helper_init(pthread_mutex_t *m)
{
	pthread_mutexattr_t attributes;

	pthread_mutexattr_init(&attributes);
	pthread_mutex_init(m, &attributes);
	pthread_mutexattr_destroy(&attributes);
}

NOINLINE static void helper_lock(pthread_mutex_t *m)
{
	pthread_mutex_lock(m);
	atomic_signal_fence(memory_order_seq_cst);
}

NOINLINE static void helper_unlock(pthread_mutex_t *m)
{
	pthread_mutex_unlock(m);
	atomic_signal_fence(memory_order_seq_cst);
}

struct session {
	int id;
	pthread_mutex_t s_lock;
};
struct channel {
	long n;
	pthread_mutex_t c_lock;
};
static struct session *session;
static struct channel *channel;

NOINLINE static struct session *session_new(void)
{
	struct session *s = calloc(1, sizeof(*s));

	helper_init(&s->s_lock);
	s->id = 1;
	return s;
}

NOINLINE static struct channel *channel_new(void)
{
	struct channel *c = calloc(1, sizeof(*c));

	helper_init(&c->c_lock);
	c->n = 1;
	return c;
}

/* ---- never initialised, all behind one wrapper */
struct cell {
	int n;
	pthread_mutex_t cell_lock;
};
struct grid {
	int n;
	pthread_mutex_t grid_lock;
};
static struct cell *cell;
static struct grid *grid;

NOINLINE static void cell_use(struct cell *c)
{
	helper_lock(&c->cell_lock);
	c->n++;
	helper_unlock(&c->cell_lock);
}

NOINLINE static void grid_use(struct grid *g)
{
	helper_lock(&g->grid_lock);
	g->n++;
	helper_unlock(&g->grid_lock);
}

/* ---- a struct that wraps a lock, with functions of its own */
struct my_lock {
	int owner;
	pthread_mutex_t raw;
};
struct inode {
	long n;
	struct my_lock i_lock;
};
struct dentry {
	long n;
	struct my_lock d_lock;
};
static struct inode *inode;
static struct dentry *dentry;

NOINLINE static void my_lock(struct my_lock *l)
{
	pthread_mutex_lock(&l->raw);
	l->owner = 1;
}

NOINLINE static void my_unlock(struct my_lock *l)
{
	l->owner = 0;
	pthread_mutex_unlock(&l->raw);
}

NOINLINE static void inode_use(struct inode *i)
{
	my_lock(&i->i_lock);
	i->n++;
	my_unlock(&i->i_lock);
}

NOINLINE static void dentry_use(struct dentry *d)
{
	my_lock(&d->d_lock);
	d->n++;
	my_unlock(&d->d_lock);
}

/* ---- macros */
#define LOCK_OF(x) (&(x)->page_lock)
#define PAGE_LOCK(x) pthread_mutex_lock(LOCK_OF(x))
#define PAGE_UNLOCK(x) pthread_mutex_unlock(LOCK_OF(x))
struct page {
	int n;
	pthread_mutex_t page_lock;
};
static struct page *page;

NOINLINE static void page_use(struct page *p)
{
	PAGE_LOCK(p);
	p->n++;
	PAGE_UNLOCK(p);
}

/* ---- arrays */
struct bucket {
	int n;
	pthread_mutex_t b_lock;
};
struct table {
	int n;
	struct bucket buckets[];
};
static struct table *table;

NOINLINE static void table_use(struct table *t, int i)
{
	pthread_mutex_lock(&t->buckets[i].b_lock);
	t->buckets[i].n++;
	pthread_mutex_unlock(&t->buckets[i].b_lock);
}

struct stripes {
	int n;
	pthread_mutex_t stripe[];
};
static struct stripes *stripes;

NOINLINE static void stripes_use(struct stripes *s, int i)
{
	pthread_mutex_lock(&s->stripe[i]);
	s->n++;
	pthread_mutex_unlock(&s->stripe[i]);
}

struct account {
	int money;
	pthread_mutex_t a_lock;
};
static struct account *accounts;

NOINLINE static void accounts_use(int i)
{
	pthread_mutex_lock(&accounts[i].a_lock);
	accounts[i].money++;
	pthread_mutex_unlock(&accounts[i].a_lock);
}

/* ---- container_of */
struct link {
	struct link *next;
};
struct item {
	pthread_mutex_t item_lock;
	struct link link;
};
static struct item *item;

NOINLINE static void link_use(struct link *l)
{
	struct item *i = (struct item *)((char *)l - offsetof(struct item, link));

	pthread_mutex_lock(&i->item_lock);
	i->link.next = l;
	pthread_mutex_unlock(&i->item_lock);
}

static void shape_uses(int which)
{
	switch (which) {
	case 0:
		helper_lock(&session->s_lock), helper_unlock(&session->s_lock);
		break;
	case 1:
		helper_lock(&channel->c_lock), helper_unlock(&channel->c_lock);
		break;
	case 2:
		cell_use(cell);
		break;
	case 3:
		grid_use(grid);
		break;
	case 4:
		inode_use(inode);
		break;
	case 5:
		dentry_use(dentry);
		break;
	case 6:
		page_use(page);
		break;
	case 7:
		table_use(table, 2);
		break;
	case 8:
		stripes_use(stripes, 2);
		break;
	case 9:
		accounts_use(1);
		break;
	case 10:
		link_use(&item->link);
		break;
	case 11:
		header_use();
		break;
	case 12:
		header_use_second();
		break;
	default:
		break;
	}
}

static const char *const names[] = {"&s->s_lock", "&c->c_lock", "cell.cell_lock", "grid.grid_lock",
	"inode.i_lock", "dentry.d_lock", "page.page_lock", "bucket.b_lock", "stripes.stripe[]",
	"account.a_lock", "item.item_lock", "wrapped.c::header_lock", "wrapped2.c::header_lock"};

static pthread_mutex_t *locks[LOCKS];
static atomic_int turn;

static void *outer_first(void *arg)
{
	for (int i = 0; i < LOCKS; i++) {
		pthread_mutex_lock(&outer);
		shape_uses(i);
		pthread_mutex_unlock(&outer);
	}
	turn = 1;
	while (turn != 2)
		sched_yield();
	return arg;
}

static void *outer_last(void *arg)
{
	while (turn != 1)
		sched_yield();
	for (int i = 0; i < LOCKS; i++) {
		pthread_mutex_lock(locks[i]);
		pthread_mutex_lock(&outer);
		pthread_mutex_unlock(&outer);
		pthread_mutex_unlock(locks[i]);
	}
	turn = 2;
	return arg;
}

static void make(void)
{
	session = session_new();
	channel = channel_new();
	cell = calloc(1, sizeof(*cell));
	grid = calloc(1, sizeof(*grid));
	inode = calloc(1, sizeof(*inode));
	dentry = calloc(1, sizeof(*dentry));
	page = calloc(1, sizeof(*page));
	table = calloc(1, sizeof(*table) + 4 * sizeof(table->buckets[0]));
	stripes = calloc(1, sizeof(*stripes) + 4 * sizeof(stripes->stripe[0]));
	accounts = calloc(3, sizeof(*accounts));
	item = calloc(1, sizeof(*item));
}

int main(void)
{
	pthread_t a, b;

	make();
	pthread_mutex_t *all[LOCKS] = {&session->s_lock, &channel->c_lock, &cell->cell_lock,
		&grid->grid_lock, &inode->i_lock.raw, &dentry->d_lock.raw, &page->page_lock,
		&table->buckets[2].b_lock, &stripes->stripe[2], &accounts[1].a_lock,
		&item->item_lock, &header_lock, header_second()};
	for (int i = 0; i < LOCKS; i++) {
		locks[i] = all[i];
		printf("expect %s\n", names[i]);
	}
	fflush(stdout);
	pthread_create(&a, NULL, outer_first, NULL);
	pthread_create(&b, NULL, outer_last, NULL);
	pthread_join(a, NULL);
	pthread_join(b, NULL);
	return 0;
}
