// expect: clean ; kind: loader-lock ; locks: loader_lock plugin_mutex ; note: constructors of the program itself run before it has threads, and not under the loader's lock
#include "subject.h"
#include <dlfcn.h>

static pthread_mutex_t plugin_mutex = PTHREAD_MUTEX_INITIALIZER;

__attribute__((constructor)) static void before_main(void)
{
	pthread_mutex_lock(&plugin_mutex);
	pthread_mutex_unlock(&plugin_mutex);
}

static void *loads(void *arg)
{
	(void)arg;
	pthread_mutex_lock(&plugin_mutex);
	dlopen("libresolv.so.2", RTLD_NOW);
	pthread_mutex_unlock(&plugin_mutex);
	return NULL;
}

int main(void)
{
	run_two(loads, loads);
	return 0;
}
