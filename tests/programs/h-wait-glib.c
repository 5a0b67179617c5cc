// expect: hazard ; kind: lock-condvar ; locks: lock_outer ready ; pkg: glib-2.0 ; note: g_cond_wait with an outer GMutex held which the signaller took before
#include <glib.h>

static GMutex lock_outer, lock_inner;
static GCond ready;
static gboolean is_ready;

static void touch(void)
{
	g_mutex_lock(&lock_outer);
	g_mutex_unlock(&lock_outer);
}

static gpointer waiter(gpointer arg)
{
	g_usleep(50000);
	g_mutex_lock(&lock_outer);
	g_mutex_lock(&lock_inner);
	while (!is_ready)
		g_cond_wait(&ready, &lock_inner);
	g_mutex_unlock(&lock_inner);
	g_mutex_unlock(&lock_outer);
	return arg;
}

static gpointer signaller(gpointer arg)
{
	touch();
	g_usleep(150000);
	g_mutex_lock(&lock_inner);
	is_ready = TRUE;
	g_cond_signal(&ready);
	g_mutex_unlock(&lock_inner);
	return arg;
}

int main(void)
{
	GThread *a = g_thread_new("waiter", waiter, NULL);
	GThread *b = g_thread_new("signaller", signaller, NULL);

	g_thread_join(a);
	g_thread_join(b);
	return 0;
}
