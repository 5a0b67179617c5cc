// expect: hazard ; kind: lock-join ; pkg: glib-2.0 ; locks: cache_lock join_scan ; note: g_thread_join with the GMutex held which the thread takes; the thread has a name, the join that of what it runs
#include <glib.h>

static GMutex cache_lock;
static gint done;

static gpointer scan(gpointer data)
{
	(void)data;
	g_mutex_lock(&cache_lock);
	g_mutex_unlock(&cache_lock);
	g_atomic_int_set(&done, 1);
	return NULL;
}

int main(void)
{
	GThread *t = g_thread_new("scanner", scan, NULL);

	while (!g_atomic_int_get(&done))
		g_usleep(1000);
	g_mutex_lock(&cache_lock);
	g_thread_join(t);
	g_mutex_unlock(&cache_lock);
	return 0;
}
