// expect: hazard ; kind: glib-task ; locks: lock_window * lock_cache ; pkg: gio-2.0 ; note: a task is run and waited for with the window's lock held; it takes the cache's, under which another thread takes the window's
#include <gio/gio.h>

static GMutex lock_window, lock_cache;

static void work(GTask *task, gpointer source, gpointer data, GCancellable *cancel)
{
	(void)source;
	(void)data;
	(void)cancel;
	g_mutex_lock(&lock_cache);
	g_mutex_unlock(&lock_cache);
	g_task_return_boolean(task, TRUE);
}

static gpointer other(gpointer data)
{
	g_usleep(150000);
	g_mutex_lock(&lock_cache);
	g_mutex_lock(&lock_window);
	g_mutex_unlock(&lock_window);
	g_mutex_unlock(&lock_cache);
	return data;
}

int main(void)
{
	GThread *thread = g_thread_new("other", other, NULL);
	GTask *task = g_task_new(NULL, NULL, NULL, NULL);

	g_mutex_lock(&lock_window);
	g_task_run_in_thread_sync(task, work);
	g_mutex_unlock(&lock_window);
	g_object_unref(task);
	g_thread_join(thread);
	return 0;
}
