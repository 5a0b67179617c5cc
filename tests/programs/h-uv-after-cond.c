// expect: hazard ; kind: uv-work ; locks: state.lock state.done ; pkg: libuv ; note: a thread holds a lock while it waits on a condition that the after-work callback signals, on the loop, once it has had the lock
#include "meet.h"
#include <uv.h>

static int gone, waiting;
static struct {
	uv_mutex_t lock, done_lock;
	uv_cond_t done;
	int finished;
} state;
static uv_work_t job;

static void work(uv_work_t *w)
{
	(void)w;
}

static void after(uv_work_t *w, int status)
{
	(void)w;
	(void)status;
	uv_mutex_lock(&state.lock);
	uv_mutex_unlock(&state.lock);
	through(&gone);
	await(&waiting);
	uv_mutex_lock(&state.done_lock);
	state.finished = 1;
	uv_cond_signal(&state.done);
	uv_mutex_unlock(&state.done_lock);
}

static void waiter(void *arg)
{
	(void)arg;
	await(&gone);
	uv_mutex_lock(&state.lock);
	uv_mutex_lock(&state.done_lock);
	through(&waiting);
	while (!state.finished)
		uv_cond_wait(&state.done, &state.done_lock);
	uv_mutex_unlock(&state.done_lock);
	uv_mutex_unlock(&state.lock);
}

int main(void)
{
	uv_loop_t *loop = uv_default_loop();
	uv_thread_t thread;

	uv_mutex_init(&state.lock);
	uv_mutex_init(&state.done_lock);
	uv_cond_init(&state.done);
	uv_queue_work(loop, &job, work, after);
	uv_thread_create(&thread, waiter, NULL);
	uv_run(loop, UV_RUN_DEFAULT);
	uv_thread_join(&thread);
	return 0;
}
