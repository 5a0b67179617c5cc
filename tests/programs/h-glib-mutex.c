// expect: hazard ; kind: glib-mutex ; locks: gm_bus gm_name ; note: static GMutexes, both orders ; pkg: glib-2.0
#include <glib.h>

static GMutex gm_bus, gm_name;

static gpointer first(gpointer data)
{
	g_mutex_lock(&gm_bus);
	g_mutex_lock(&gm_name);
	g_mutex_unlock(&gm_name);
	g_mutex_unlock(&gm_bus);
	return data;
}

static gpointer second(gpointer data)
{
	g_usleep(60000);
	g_mutex_lock(&gm_name);
	g_mutex_lock(&gm_bus);
	g_mutex_unlock(&gm_bus);
	g_mutex_unlock(&gm_name);
	return data;
}

int main(void)
{
	GThread *a, *b;

	a = g_thread_new("first", first, NULL);
	b = g_thread_new("second", second, NULL);
	g_thread_join(a);
	g_thread_join(b);
	return 0;
}
