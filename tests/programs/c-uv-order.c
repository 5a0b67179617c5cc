// expect: clean ; kind: mutex-order ; locks: cache.lock table_lock ; pkg: libuv ; note: a work callback and a timer callback of the loop take a uv_mutex_t and a uv_rwlock_t in one order
#include "subject.h"
#include <uv.h>

struct cache {
	uv_mutex_t lock;
	int entries;
};
static uv_rwlock_t table_lock;
static uv_work_t job;

static void work(uv_work_t *w)
{
	struct cache *cache = w->data;

	uv_mutex_lock(&cache->lock);
	uv_rwlock_wrlock(&table_lock);
	uv_rwlock_wrunlock(&table_lock);
	uv_mutex_unlock(&cache->lock);
}

static void on_timer(uv_timer_t *timer)
{
	struct cache *cache = timer->data;

	uv_mutex_lock(&cache->lock);
	uv_rwlock_rdlock(&table_lock);
	uv_rwlock_rdunlock(&table_lock);
	uv_mutex_unlock(&cache->lock);
	uv_close((uv_handle_t *)timer, NULL);
}

int main(void)
{
	uv_loop_t *loop = uv_default_loop();
	struct cache *cache = calloc(1, sizeof(*cache));
	uv_timer_t timer;

	uv_mutex_init(&cache->lock);
	uv_rwlock_init(&table_lock);
	uv_timer_init(loop, &timer);
	timer.data = job.data = cache;
	uv_queue_work(loop, &job, work, NULL);
	uv_timer_start(&timer, on_timer, 80, 0);
	uv_run(loop, UV_RUN_DEFAULT);
	free(cache);
	return 0;
}
