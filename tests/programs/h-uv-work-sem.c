// expect: hazard ; kind: uv-work ; locks: index_lock built ; pkg: libuv ; note: the loop's thread holds a lock while it waits for a work item of the pool, which takes the lock before it posts
#include "meet.h"
#include <uv.h>

static int gone;
static uv_mutex_t index_lock;
static uv_sem_t built;
static uv_work_t job;

static void build(uv_work_t *work)
{
	(void)work;
	uv_mutex_lock(&index_lock);
	uv_mutex_unlock(&index_lock);
	through(&gone);
	uv_sem_post(&built);
}

static void after(uv_work_t *work, int status)
{
	(void)work;
	(void)status;
}

static void on_timer(uv_timer_t *timer)
{
	await(&gone);
	uv_mutex_lock(&index_lock);
	uv_sem_wait(&built);
	uv_mutex_unlock(&index_lock);
	uv_close((uv_handle_t *)timer, NULL);
}

int main(void)
{
	uv_loop_t *loop = uv_default_loop();
	uv_timer_t timer;

	uv_mutex_init(&index_lock);
	uv_sem_init(&built, 0);
	uv_timer_init(loop, &timer);
	uv_queue_work(loop, &job, build, after);
	uv_timer_start(&timer, on_timer, 1, 0);
	uv_run(loop, UV_RUN_DEFAULT);
	uv_loop_close(loop);
	return 0;
}
