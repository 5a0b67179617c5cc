// expect: clean ; kind: loader-lock ; locks: loader_lock plugin_mutex ; note: a constructor takes the mutex; the other thread loads and looks up before it takes it ; so: -DPLUGIN ; ldflags: -rdynamic -ldl
#include "subject.h"
#include <dlfcn.h>

extern pthread_mutex_t plugin_mutex;

#ifdef PLUGIN
__attribute__((constructor)) static void plugin_init(void)
{
	pthread_mutex_lock(&plugin_mutex);
	pthread_mutex_unlock(&plugin_mutex);
}
#else
pthread_mutex_t plugin_mutex = PTHREAD_MUTEX_INITIALIZER;
static char path[4096];

static void *first(void *arg)
{
	(void)arg;
	if (!dlopen(path, RTLD_NOW))
		abort();
	return NULL;
}

static void *second(void *arg)
{
	(void)arg;
	nap(60);
	dlopen("libresolv.so.2", RTLD_NOW);
	dlsym(RTLD_DEFAULT, "plugin_mutex");
	pthread_mutex_lock(&plugin_mutex);
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
