// expect: clean ; kind: uv-work ; locks: stats_lock * ; pkg: libuv ; note: a usual program: several descriptors, timers, a pipe, work items that share a lock with the loop, one of them cancelled
#include "subject.h"
#include <uv.h>

enum { JOBS = 24 };

static uv_mutex_t stats_lock;
static uv_timer_t tick;
static uv_async_t progress;
static uv_pipe_t input, output;
static uv_work_t jobs[JOBS];
static uv_write_t written;
static int finished, ticks;
static char room[16];

static void count(int *what)
{
	uv_mutex_lock(&stats_lock);
	++*what;
	uv_mutex_unlock(&stats_lock);
}

static void work(uv_work_t *w)
{
	static int runs;

	(void)w;
	count(&runs);
	uv_async_send(&progress);
}

static void after(uv_work_t *w, int status)
{
	(void)w;
	(void)status;
	count(&finished);
	if (finished == JOBS) {
		uv_close((uv_handle_t *)&tick, NULL);
		uv_close((uv_handle_t *)&progress, NULL);
	}
}

static void on_progress(uv_async_t *async)
{
	static int seen;

	(void)async;
	count(&seen);
}

static void on_tick(uv_timer_t *timer)
{
	(void)timer;
	count(&ticks);
}

static void on_room(uv_handle_t *handle, size_t size, uv_buf_t *buffer)
{
	(void)handle;
	(void)size;
	*buffer = uv_buf_init(room, sizeof(room));
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buffer)
{
	static int bytes;

	(void)n;
	(void)buffer;
	count(&bytes);
	uv_close((uv_handle_t *)stream, NULL);
}

static void on_written(uv_write_t *write, int status)
{
	(void)status;
	uv_close((uv_handle_t *)write->handle, NULL);
}

int main(void)
{
	uv_loop_t *loop = uv_default_loop();
	uv_file ends[2];
	uv_buf_t text = uv_buf_init((char[]){ "text" }, 4);

	uv_mutex_init(&stats_lock);
	uv_timer_init(loop, &tick);
	uv_timer_start(&tick, on_tick, 1, 1);
	uv_async_init(loop, &progress, on_progress);
	uv_pipe_init(loop, &input, 0);
	uv_pipe_init(loop, &output, 0);
	uv_pipe(ends, UV_NONBLOCK_PIPE, UV_NONBLOCK_PIPE);
	uv_pipe_open(&input, ends[0]);
	uv_pipe_open(&output, ends[1]);
	uv_read_start((uv_stream_t *)&input, on_room, on_read);
	uv_write(&written, (uv_stream_t *)&output, &text, 1, on_written);
	for (int i = 0; i < JOBS; i++)
		uv_queue_work(loop, &jobs[i], work, after);
	uv_cancel((uv_req_t *)&jobs[JOBS - 1]);
	uv_run(loop, UV_RUN_DEFAULT);
	return 0;
}
