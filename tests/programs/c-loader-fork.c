// expect: clean ; kind: fork-lock ; locks: loader_lock ; note: a fork child loads a library although another thread of its parent may be loading one: libc makes its locks anew ; ldflags: -ldl
#include "file.h"
#include <dlfcn.h>
#include <stdatomic.h>

/* The fork falls between two loads: some of libc's locks are not made anew, and a child that is born
 * within one could really hang.
 */
static atomic_int rests, forked;

static void *loads(void *arg)
{
	(void)arg;
	for (int i = 0; i < 20; i++) {
		for (rests = i == 10; rests && !forked;)
			nap(1);
		void *handle = dlopen("libresolv.so.2", RTLD_NOW);

		nap(5);
		dlclose(handle);
		flockfile(stdout);
		funlockfile(stdout);
	}
	return NULL;
}

int main(void)
{
	pthread_t t;
	pid_t child;

	pthread_create(&t, NULL, loads, NULL);
	while (!rests)
		nap(1);
	child = fork();
	forked = 1;
	if (!child) {
		dlopen("libresolv.so.2", RTLD_NOW);
		flockfile(stdout);
		funlockfile(stdout);
		exit(0);
	}
	waitpid(child, NULL, 0);
	pthread_join(t, NULL);
	return 0;
}
