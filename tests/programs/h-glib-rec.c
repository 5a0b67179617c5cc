// expect: hazard ; kind: glib-rec-mutex ; locks: gr_bus gr_name ; note: static GRecMutexes, both orders, not initialised by a call ; pkg: glib-2.0
#include <glib.h>

static GRecMutex gr_bus, gr_name;

static gpointer first(gpointer data)
{
	g_rec_mutex_lock(&gr_bus);
	g_rec_mutex_lock(&gr_name);
	g_rec_mutex_unlock(&gr_name);
	g_rec_mutex_unlock(&gr_bus);
	return data;
}

static gpointer second(gpointer data)
{
	g_usleep(60000);
	g_rec_mutex_lock(&gr_name);
	g_rec_mutex_lock(&gr_bus);
	g_rec_mutex_unlock(&gr_bus);
	g_rec_mutex_unlock(&gr_name);
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
