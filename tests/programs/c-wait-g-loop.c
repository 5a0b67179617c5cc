// expect: clean ; kind: event-loop ; locks: * ; note: idle callbacks, a mutex, loop quit and join ; pkg: glib-2.0
#include <glib.h>
static GMutex gm;
static GMainContext *ctx;
static GMainLoop *loop;
static int n;
static GAsyncQueue *q;
static gboolean cb(gpointer d)
{
	g_mutex_lock(&gm);
	n++;
	g_mutex_unlock(&gm);
	g_async_queue_push(q, GINT_TO_POINTER(n));
	return G_SOURCE_REMOVE;
}
static gpointer run(gpointer d)
{
	g_main_context_push_thread_default(ctx);
	g_main_loop_run(loop);
	return d;
}
int main(void)
{
	ctx = g_main_context_new();
	q = g_async_queue_new();
	loop = g_main_loop_new(ctx, 0);
	GThread *t = g_thread_new("loop", run, 0);
	for (int i = 0; i < 20; i++) {
		g_mutex_lock(&gm);
		n++;
		g_mutex_unlock(&gm);
		g_main_context_invoke(ctx, cb, 0);
		g_async_queue_pop(q);
	}
	g_main_loop_quit(loop);
	g_thread_join(t);
	return 0;
}
