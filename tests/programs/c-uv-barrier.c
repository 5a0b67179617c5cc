// expect: clean ; kind: lock-barrier ; locks: phase_lock gate ; pkg: libuv ; note: one party comes to the barrier with a lock held, the other takes the lock when it has come
#include "subject.h"
#include <uv.h>

static uv_mutex_t phase_lock;
static uv_barrier_t gate;

static void left(void *arg)
{
	(void)arg;
	nap(1);
	uv_mutex_lock(&phase_lock);
	uv_barrier_wait(&gate);
	uv_mutex_unlock(&phase_lock);
}

static void right(void *arg)
{
	(void)arg;
	uv_barrier_wait(&gate);
	uv_mutex_lock(&phase_lock);
	uv_mutex_unlock(&phase_lock);
}

int main(void)
{
	uv_thread_t a, b;

	uv_mutex_init(&phase_lock);
	uv_barrier_init(&gate, 2);
	uv_thread_create(&a, left, NULL);
	uv_thread_create(&b, right, NULL);
	uv_thread_join(&a);
	uv_thread_join(&b);
	uv_barrier_destroy(&gate);
	return 0;
}
