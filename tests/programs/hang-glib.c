// expect: hang ; kind: glib-mutex ; locks: mutex_a mutex_b ; pkg: glib-2.0 ; note: two GMutexes, which say nothing of their owners
#include "meet.h"
#include <glib.h>

static GMutex mutex_a, mutex_b;

static gpointer first(gpointer data)
{
	g_mutex_lock(&mutex_a);
	meet(2);
	g_mutex_lock(&mutex_b);
	return data;
}

static gpointer second(gpointer data)
{
	g_mutex_lock(&mutex_b);
	meet(2);
	g_mutex_lock(&mutex_a);
	return data;
}

int main(void)
{
	GThread *a = g_thread_new("first", first, NULL), *b = g_thread_new("second", second, NULL);

	g_thread_join(a);
	g_thread_join(b);
	return 0;
}
