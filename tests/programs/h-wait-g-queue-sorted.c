// expect: hazard ; kind: glib-queue ; locks: lock_driver * ; pkg: glib-2.0 ; note: a pop with the lock held which whoever pushes the answer, sorted, takes first
#include <glib.h>

static GMutex lock_driver;
static GAsyncQueue *answers;

static gint compare(gconstpointer a, gconstpointer b, gpointer data)
{
	(void)data;
	return (gint)((const char *)a - (const char *)b);
}

static gpointer serve(gpointer data)
{
	g_mutex_lock(&lock_driver);
	g_mutex_unlock(&lock_driver);
	g_async_queue_push_sorted(answers, data, compare, NULL);
	return NULL;
}

int main(void)
{
	GThread *thread;

	answers = g_async_queue_new();
	thread = g_thread_new("server", serve, &lock_driver);
	g_usleep(40000);
	g_mutex_lock(&lock_driver);
	g_async_queue_pop(answers);
	g_mutex_unlock(&lock_driver);
	g_thread_join(thread);
	g_async_queue_unref(answers);
	return 0;
}
