// expect: hazard ; kind: lock-condvar ; locks: gm_model * ; note: g_main_context_invoke and wait for the answer with a mutex held which the loop's callback takes ; pkg: glib-2.0
#include <glib.h>
static GMutex gm_model, gm_done;
static GCond done_cond;
static int done;
static GMainContext *ctx;
static GMainLoop *loop;
static gboolean cb(gpointer d)
{
	g_mutex_lock(&gm_model);
	g_mutex_unlock(&gm_model);
	g_usleep(80000);
	g_mutex_lock(&gm_done);
	done = 1;
	g_cond_signal(&done_cond);
	g_mutex_unlock(&gm_done);
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
	loop = g_main_loop_new(ctx, 0);
	GThread *t = g_thread_new("loop", run, 0);
	g_usleep(20000);
	g_main_context_invoke(ctx, cb, 0);
	g_usleep(40000);
	g_mutex_lock(&gm_model);
	g_mutex_lock(&gm_done);
	while (!done)
		g_cond_wait(&done_cond, &gm_done);
	g_mutex_unlock(&gm_done);
	g_mutex_unlock(&gm_model);
	g_main_loop_quit(loop);
	g_thread_join(t);
	return 0;
}
