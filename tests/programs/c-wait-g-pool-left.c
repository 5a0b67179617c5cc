// expect: clean ; kind: glib-pool ; locks: lock_driver * ; pkg: glib-2.0 ; note: a pool is given up with a lock held which its items take, but nobody waits for them; later pools' items take no lock
#include <glib.h>

static GMutex lock_driver;
static gint done;

static void work(gpointer data, gpointer user)
{
	if (user) {
		g_mutex_lock(user);
		g_mutex_unlock(user);
	}
	g_usleep(1000);
	g_atomic_int_inc((gint *)data);
}

int main(void)
{
	GThreadPool *pool = g_thread_pool_new(work, &lock_driver, 2, FALSE, NULL);
	int i;

	g_thread_pool_push(pool, &done, NULL);
	g_usleep(20000);
	g_mutex_lock(&lock_driver);
	g_thread_pool_free(pool, FALSE, FALSE);
	g_mutex_unlock(&lock_driver);
	for (i = 0; i < 3; i++) {
		pool = g_thread_pool_new(work, NULL, 1, TRUE, NULL);
		g_thread_pool_push(pool, &done, NULL);
		g_mutex_lock(&lock_driver);
		g_thread_pool_free(pool, FALSE, TRUE);
		g_mutex_unlock(&lock_driver);
	}
	return g_atomic_int_get(&done) != 4;
}
