// expect: clean ; kind: glib-queue ; locks: lock_driver * ; pkg: glib-2.0 ; note: the pop comes before the lock is taken; a try and a short timed pop under it
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
	g_async_queue_pop(answers);
	g_mutex_lock(&lock_driver);
	g_async_queue_lock(answers);
	g_async_queue_try_pop_unlocked(answers);
	g_async_queue_timeout_pop_unlocked(answers, 1000);
	g_async_queue_unlock(answers);
	g_mutex_unlock(&lock_driver);
	g_thread_join(thread);
	g_async_queue_unref(answers);
	return 0;
}
