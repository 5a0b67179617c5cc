// expect: clean ; kind: glib-pool ; locks: lock_driver * ; pkg: glib-2.0 ; note: all items are counted down before the lock which they take is held and their pool freed
#include <glib.h>

static GMutex lock_driver, lock_count;
static GCond all_done;
static int left = 4;

static void work(gpointer data, gpointer user)
{
	(void)data;
	(void)user;
	g_mutex_lock(&lock_driver);
	g_mutex_unlock(&lock_driver);
	g_mutex_lock(&lock_count);
	if (!--left)
		g_cond_signal(&all_done);
	g_mutex_unlock(&lock_count);
}

int main(void)
{
	GThreadPool *pool = g_thread_pool_new(work, NULL, 2, FALSE, NULL);
	int i;

	for (i = 0; i < 4; i++)
		g_thread_pool_push(pool, &left, NULL);
	g_mutex_lock(&lock_count);
	while (left)
		g_cond_wait(&all_done, &lock_count);
	g_mutex_unlock(&lock_count);
	g_mutex_lock(&lock_driver);
	g_thread_pool_free(pool, FALSE, TRUE);
	g_mutex_unlock(&lock_driver);
	return 0;
}
