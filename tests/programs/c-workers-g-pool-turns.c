// expect: clean ; kind: glib-pool ; locks: done * ; pkg: glib-2.0 ; note: the first item is waited for before the second one is pushed
#include <glib.h>

#include "asleep.h"

struct item {
	int whole, waiter, is_done;
};

static GThreadPool *pool;
static GMutex lock;
static GCond done;

static void work(gpointer data, gpointer unused)
{
	struct item part = { 0, 0, 0 }, *item = data;

	(void)unused;
	if (item->whole) {
		g_thread_pool_push(pool, &part, NULL);
		g_mutex_lock(&lock);
		will_sleep(&part.waiter);
		while (!part.is_done)
			g_cond_wait(&done, &lock);
		g_mutex_unlock(&lock);
		g_mutex_lock(&lock);
		flag_set(&item->is_done);
		g_cond_broadcast(&done);
		g_mutex_unlock(&lock);
	} else {
		await_asleep(&item->waiter);
		g_mutex_lock(&lock);
		item->is_done = 1;
		g_cond_broadcast(&done);
		g_mutex_unlock(&lock);
	}
}

static void await(struct item *item)
{
	g_mutex_lock(&lock);
	while (!item->is_done)
		g_cond_wait(&done, &lock);
	g_mutex_unlock(&lock);
}

int main(void)
{
	struct item a = { 1, 0, 0 }, b = { 1, 0, 0 };

	pool = g_thread_pool_new(work, NULL, 2, TRUE, NULL);
	g_thread_pool_push(pool, &a, NULL);
	flag_await(&a.is_done);
	await(&a);
	g_thread_pool_push(pool, &b, NULL);
	await(&b);
	g_thread_pool_free(pool, FALSE, TRUE);
	return 0;
}
