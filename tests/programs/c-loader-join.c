// expect: clean ; kind: loader-join ; locks: loader_lock join_worker ; note: a constructor joins a thread that has nothing to do with the loader ; so: -DPLUGIN ; ldflags: -rdynamic -ldl
#include "subject.h"
#include <dlfcn.h>

extern pthread_t plugin_thread;

#ifdef PLUGIN
__attribute__((constructor)) static void plugin_init(void)
{
	pthread_join(plugin_thread, NULL);
}
#else
pthread_t plugin_thread;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void *worker(void *arg)
{
	(void)arg;
	pthread_mutex_lock(&lock);
	pthread_mutex_unlock(&lock);
	return NULL;
}

int main(int argc, char **argv)
{
	char path[4096];

	(void)argc;
	snprintf(path, sizeof(path), "%s.so", argv[0]);
	pthread_create(&plugin_thread, NULL, worker, NULL);
	nap(60);
	return dlopen(path, RTLD_NOW) == NULL;
}
#endif
