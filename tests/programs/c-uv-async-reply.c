// expect: clean ; kind: uv-async ; locks: store_lock answered ; pkg: libuv ; note: a thread holds a lock while it waits for the loop's answer; the loop's callback takes the lock only after it has answered
#include "meet.h"
#include <uv.h>

static uv_mutex_t store_lock;
static uv_sem_t answered;
static uv_async_t wake;

static void on_wake(uv_async_t *async)
{
	uv_sem_post(&answered);
	uv_mutex_lock(&store_lock);
	uv_mutex_unlock(&store_lock);
	uv_close((uv_handle_t *)async, NULL);
}

static void client(void *arg)
{
	(void)arg;
	uv_async_send(&wake);
	uv_mutex_lock(&store_lock);
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
	uv_thread_create(&thread, client, NULL);
	uv_run(&loop, UV_RUN_DEFAULT);
	uv_thread_join(&thread);
	return uv_loop_close(&loop) != 0;
}
