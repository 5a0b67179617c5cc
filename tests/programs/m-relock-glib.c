// expect: misuse ; kind: relock ; locks: g_self ; pkg: glib-2.0 ; note: a GMutex is taken twice by one thread
#include "subject.h"

#include <glib.h>

static GMutex g_self;

static void *self(void *arg)
{
	(void)arg;
	g_mutex_lock(&g_self);
	g_mutex_lock(&g_self);
	return NULL;
}

static void *watch(void *arg)
{
	(void)arg;
	nap(100);
	_exit(0);
	return NULL;
}

int main(void)
{
	run_two(self, watch);
	return 0;
}
