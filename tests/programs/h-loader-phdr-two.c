// expect: hazard ; kind: loader-lock ; locks: loader_lock plugin_mutex ; note: a callback of dl_iterate_phdr takes the mutex, which another thread holds when it calls dl_iterate_phdr
#include "subject.h"
#include <dlfcn.h>
#include <link.h>

static pthread_mutex_t plugin_mutex = PTHREAD_MUTEX_INITIALIZER;

static int each(struct dl_phdr_info *info, size_t size, void *data)
{
	(void)info;
	(void)size;
	(void)data;
	pthread_mutex_lock(&plugin_mutex);
	pthread_mutex_unlock(&plugin_mutex);
	return 1;
}

static void *first(void *arg)
{
	(void)arg;
	dl_iterate_phdr(each, NULL);
	return NULL;
}

static int nothing(struct dl_phdr_info *info, size_t size, void *data)
{
	(void)info;
	(void)size;
	(void)data;
	return 1;
}

static void *second(void *arg)
{
	(void)arg;
	nap(60);
	pthread_mutex_lock(&plugin_mutex);
	dl_iterate_phdr(nothing, NULL);
	pthread_mutex_unlock(&plugin_mutex);
	return NULL;
}

int main(void)
{
	run_two(first, second);
	return 0;
}
