// expect: hazard ; kind: loader-lock ; locks: loader_lock plugin_mutex ; note: a library takes the mutex when it is unloaded; another thread loads one with it held ; so: -DPLUGIN ; ldflags: -rdynamic -ldl
#include "subject.h"
#include <dlfcn.h>

extern pthread_mutex_t plugin_mutex;

#ifdef PLUGIN
__attribute__((destructor)) static void plugin_done(void)
{
	pthread_mutex_lock(&plugin_mutex);
	pthread_mutex_unlock(&plugin_mutex);
}
#else
pthread_mutex_t plugin_mutex = PTHREAD_MUTEX_INITIALIZER;
static char path[4096];

static void *first(void *arg)
{
	void *handle = dlopen(path, RTLD_NOW);

	(void)arg;
	if (!handle || dlclose(handle))
		abort();
	return NULL;
}

static void *second(void *arg)
{
	(void)arg;
	nap(60);
	pthread_mutex_lock(&plugin_mutex);
	dlopen("libresolv.so.2", RTLD_NOW);
	pthread_mutex_unlock(&plugin_mutex);
	return NULL;
}

int main(int argc, char **argv)
{
	(void)argc;
	snprintf(path, sizeof(path), "%s.so", argv[0]);
	run_two(first, second);
	return 0;
}
#endif
