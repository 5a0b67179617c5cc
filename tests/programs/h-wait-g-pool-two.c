// expect: hazard ; kind: glib-pool ; locks: lock_table * lock_list ; pkg: glib-2.0 ; note: a pool that goes on is freed under the table's lock; its items take the list's, and elsewhere the table's is taken under that
#include <glib.h>

static GMutex lock_table, lock_list;

static void work(gpointer data, gpointer user)
{
	(void)data;
	g_mutex_lock(user);
	g_mutex_unlock(user);
}

static void free_item(gpointer item)
{
	(void)item;
}

static gpointer other(gpointer data)
{
	g_usleep(120000);
	g_mutex_lock(&lock_list);
	g_mutex_lock(&lock_table);
	g_mutex_unlock(&lock_table);
	g_mutex_unlock(&lock_list);
	return data;
}

int main(void)
{
	GThread *thread = g_thread_new("other", other, NULL);
	GThreadPool *pool = g_thread_pool_new_full(work, &lock_list, free_item, 2, FALSE, NULL);

	g_thread_pool_push(pool, &lock_list, NULL);
	g_usleep(20000);
	g_mutex_lock(&lock_table);
	g_thread_pool_free(pool, TRUE, TRUE);
	g_mutex_unlock(&lock_table);
	g_thread_join(thread);
	return 0;
}
