// expect: clean ; kind: loader-lock ; locks: loader_lock plugin_mutex ; note: one thread does both, one after the other ; so: -DPLUGIN ; ldflags: -rdynamic -ldl
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

int main(int argc, char **argv)
{
	(void)argc;
	snprintf(path, sizeof(path), "%s.so", argv[0]);
	if (!dlopen(path, RTLD_NOW))
		abort();
	pthread_mutex_lock(&plugin_mutex);
	dlopen("libresolv.so.2", RTLD_NOW);
	pthread_mutex_unlock(&plugin_mutex);
	return 0;
}
#endif
