// expect: clean ; kind: glib-rw-lock ; locks: gw_bus gw_name ; note: GRWLock, reads in both orders, no writer ; pkg: glib-2.0
#include <glib.h>

static GRWLock gw_bus, gw_name;

static gpointer first(gpointer data)
{
	g_rw_lock_reader_lock(&gw_bus);
	g_rw_lock_reader_lock(&gw_name);
	g_rw_lock_reader_unlock(&gw_name);
	g_rw_lock_reader_unlock(&gw_bus);
	return data;
}

static gpointer second(gpointer data)
{
	g_usleep(60000);
	g_rw_lock_reader_lock(&gw_name);
	g_rw_lock_reader_lock(&gw_bus);
	g_rw_lock_reader_unlock(&gw_bus);
	g_rw_lock_reader_unlock(&gw_name);
	return data;
}

int main(void)
{
	GThread *a, *b;

	g_rw_lock_init(&gw_bus);
	g_rw_lock_init(&gw_name);
	a = g_thread_new("first", first, NULL);
	b = g_thread_new("second", second, NULL);
	g_thread_join(a);
	g_thread_join(b);
	return 0;
}
