// expect: hazard ; kind: glib-pool ; locks: lock_driver * ; pkg: glib-2.0 ; note: a GThreadPool is freed, waiting for its tasks, with a lock held which a task takes
#include <glib.h>

static GMutex lock_driver;

static void work(gpointer data, gpointer unused)
{
	(void)data;
	(void)unused;
	g_mutex_lock(&lock_driver);
	g_mutex_unlock(&lock_driver);
	g_usleep(100000);
}

int main(void)
{
	GThreadPool *pool = g_thread_pool_new(work, NULL, 2, TRUE, NULL);

	g_thread_pool_push(pool, &lock_driver, NULL);
	g_usleep(40000);
	g_mutex_lock(&lock_driver);
	g_thread_pool_free(pool, FALSE, TRUE);
	g_mutex_unlock(&lock_driver);
	return 0;
}
