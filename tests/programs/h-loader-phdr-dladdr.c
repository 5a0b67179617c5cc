// expect: hazard ; kind: loader-lock ; locks: loader_lock loader_lock ; note: a callback of dl_iterate_phdr calls dladdr; the loader takes its two locks the other way round when it loads
#include "subject.h"
#include <dlfcn.h>
#include <link.h>


static int each(struct dl_phdr_info *info, size_t size, void *data)
{
	Dl_info where;

	(void)info;
	(void)size;
	(void)data;
	dladdr((const void *)each, &where);
	return 1;
}

static void *first(void *arg)
{
	(void)arg;
	dl_iterate_phdr(each, NULL);
	return NULL;
}

static void *second(void *arg)
{
	(void)arg;
	nap(60);
	dlopen("libresolv.so.2", RTLD_NOW);
	return NULL;
}

int main(void)
{
	run_two(first, second);
	return 0;
}
