// expect: hazard ; kind: once ; locks: config_lock guard ; pkg: libuv ; note: uv_once is entered with a lock held that its routine takes
#include "meet.h"
#include <uv.h>

static int gone;
static uv_mutex_t config_lock;
static uv_once_t guard = UV_ONCE_INIT;

static void load(void)
{
	uv_mutex_lock(&config_lock);
	uv_mutex_unlock(&config_lock);
}

static void early(void *arg)
{
	(void)arg;
	uv_once(&guard, load);
	through(&gone);
}

static void late(void *arg)
{
	(void)arg;
	await(&gone);
	uv_mutex_lock(&config_lock);
	uv_once(&guard, load);
	uv_mutex_unlock(&config_lock);
}

int main(void)
{
	uv_thread_t a, b;

	uv_mutex_init(&config_lock);
	uv_thread_create(&a, early, NULL);
	uv_thread_create(&b, late, NULL);
	uv_thread_join(&a);
	uv_thread_join(&b);
	return 0;
}
