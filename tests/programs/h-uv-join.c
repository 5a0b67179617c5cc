// expect: hazard ; kind: lock-join ; locks: queue_lock * ; pkg: libuv ; note: a uv thread is joined with a lock held that it takes on its way out
#include "meet.h"
#include <uv.h>

static int gone;
static uv_mutex_t queue_lock;

static void drain(void *arg)
{
	(void)arg;
	uv_mutex_lock(&queue_lock);
	uv_mutex_unlock(&queue_lock);
	through(&gone);
}

int main(void)
{
	uv_thread_t thread;

	uv_mutex_init(&queue_lock);
	uv_thread_create(&thread, drain, NULL);
	await(&gone);
	uv_mutex_lock(&queue_lock);
	uv_thread_join(&thread);
	uv_mutex_unlock(&queue_lock);
	uv_mutex_destroy(&queue_lock);
	return 0;
}
