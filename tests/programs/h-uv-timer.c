// expect: hazard ; kind: uv-async ; locks: store_lock answered ; pkg: libuv ; note: a thread holds a lock while it waits for the loop's answer; a timer callback of the loop takes the lock
#include "meet.h"
#include <uv.h>

static uv_mutex_t store_lock;
static uv_sem_t answered;
static uv_async_t wake;
static uv_timer_t tick;
static int gone, ticks;

static void on_wake(uv_async_t *async)
{
	(void)async;
	uv_sem_post(&answered);
	uv_close((uv_handle_t *)&wake, NULL);
	uv_close((uv_handle_t *)&tick, NULL);
}

static void on_tick(uv_timer_t *timer)
{
	uv_mutex_lock(&store_lock);
	uv_mutex_unlock(&store_lock);
	if (++ticks < 2)
		uv_timer_start(timer, on_tick, 200, 0);
	else
		through(&gone);
}

static void client(void *arg)
{
	(void)arg;
	await(&gone);
	uv_mutex_lock(&store_lock);
	uv_async_send(&wake);
	uv_sem_wait(&answered);
	uv_mutex_unlock(&store_lock);
}

int main(void)
{
	uv_loop_t loop;
	uv_thread_t thread;

	uv_loop_init(&loop);
	uv_mutex_init(&store_lock);
	uv_sem_init(&answered, 0);
	uv_async_init(&loop, &wake, on_wake);
	uv_timer_init(&loop, &tick);
	uv_timer_start(&tick, on_tick, 200, 0);
	uv_thread_create(&thread, client, NULL);
	uv_run(&loop, UV_RUN_DEFAULT);
	uv_thread_join(&thread);
	return 0;
}
