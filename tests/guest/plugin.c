/* SPDX-License-Identifier: MIT
 *
 * Libraries that come and go. As a plug-in (-DPLUGIN=NAME): run() takes locks, in an order that
 * -DINVERT turns round. The program: argument WAY, then paths.
 */
#include "hard.h"

#include <dlfcn.h>

#ifdef PLUGIN
#define JOIN(a, b) a##b
#define NAMED(a, b) JOIN(a, b)
#ifdef GLIB
extern void g_mutex_lock(void *), g_mutex_unlock(void *);
static void *ga[1], *gb[1];

void run(pthread_mutex_t *a, pthread_mutex_t *b)
{
	g_mutex_lock(ga);
	g_mutex_lock(gb);
	g_mutex_unlock(gb);
	g_mutex_unlock(ga);
	nest(a, b);
}
#else
__attribute__((noinline)) void NAMED(nest_in_, PLUGIN)(pthread_mutex_t *a, pthread_mutex_t *b)
{
	nest(a, b);
}

void run(pthread_mutex_t *a, pthread_mutex_t *b)
{
#ifdef INVERT
	NAMED(nest_in_, PLUGIN)(b, a);
#else
	NAMED(nest_in_, PLUGIN)(a, b);
#endif
}

/* dlopen on behalf of this library: its RUNPATH counts. */
void *load(const char *name)
{
	return dlopen(name, RTLD_NOW | RTLD_LOCAL);
}
#endif
#else
static pthread_mutex_t lock_a = PTHREAD_MUTEX_INITIALIZER, lock_b = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t lock_c = PTHREAD_MUTEX_INITIALIZER, lock_d = PTHREAD_MUTEX_INITIALIZER;
typedef void run_type(pthread_mutex_t *, pthread_mutex_t *);

static run_type *run_of(void *library)
{
	run_type *run;

	if (!library)
		dprintf(2, "%s\n", dlerror());
	MUST(library);
	run = (run_type *)dlsym(library, "run");
	MUST(run);
	return run;
}

static void *inverse(void *arg)
{
	nap(60);
	nest(&lock_b, &lock_a);
	nest(&lock_d, &lock_c);
	return arg;
}

static void *runs(void *run)
{
	((run_type *)run)(&lock_a, &lock_b);
	nap(150);
	return NULL;
}

static void both(run_type *run)
{
	pthread_t t[2];

	MUST(!pthread_create(&t[0], NULL, runs, (void *)run));
	MUST(!pthread_create(&t[1], NULL, inverse, NULL));
	pthread_join(t[0], NULL);
	pthread_join(t[1], NULL);
}

static pthread_mutex_t *first_a, *first_b;

static void *replaced_first(void *library)
{
	run_of(library)(first_a, first_b);
	return NULL;
}

/* The second library lies where the first one was, with the same code for other locks. */
static void replaced(const char *one, const char *two)
{
	pthread_mutex_t *heap = calloc(2, sizeof(*heap));
	pthread_t stays, t;
	void *library = dlopen(one, RTLD_NOW);
	run_type *before = run_of(library);
	Dl_info was, is;

	MUST(!pthread_create(&stays, NULL, inverse, NULL));
	first_a = &heap[0];
	first_b = &heap[1];
	MUST(!pthread_create(&t, NULL, replaced_first, library));
	pthread_join(t, NULL);
	before(&lock_a, &lock_b);
	MUST(dladdr((void *)before, &was));
	MUST(!dlclose(library));
	library = dlopen(two, RTLD_NOW);
	MUST(dladdr((void *)run_of(library), &is));
	if (is.dli_fbase != was.dli_fbase)
		puts("elsewhere");
	run_of(library)(&lock_c, &lock_d);
	pthread_join(stays, NULL);
}

int main(int argc, char **argv)
{
	const char *way = argv[1];

	if (!strcmp(way, "plain"))
		both(run_of(dlopen(argv[2], RTLD_NOW)));
	else if (!strcmp(way, "deep"))
		both(run_of(dlopen(argv[2], RTLD_NOW | RTLD_DEEPBIND)));
	else if (!strcmp(way, "dlmopen"))
		both(run_of(dlmopen(LM_ID_NEWLM, argv[2], RTLD_NOW)));
	else if (!strcmp(way, "runpath")) {
		void *first = dlopen(argv[2], RTLD_NOW);
		void *(*load)(const char *) = (void *(*)(const char *))dlsym(first, "load");

		MUST(first && load);
		both(run_of(load(argv[3])));
	} else if (!strcmp(way, "failing")) {
		MUST(!dlopen("/nonexistent/library.so", RTLD_NOW) &&
			strstr(dlerror(), "nonexistent"));
		MUST(dlclose(dlopen(NULL, RTLD_NOW)) == 0);
		both(run_of(dlopen(argv[2], RTLD_NOW)));
	} else if (!strcmp(way, "replaced"))
		replaced(argv[2], argv[3]);
	else if (!strcmp(way, "cycle")) {
		for (int i = 0; i < 300; i++) {
			void *library = dlopen(argv[2], RTLD_NOW);

			run_of(library)(&lock_a, &lock_b);
			MUST(!dlclose(library));
		}
		both(run_of(dlopen(argv[2], RTLD_NOW)));
	} else
		MUST(!"a way");
	puts("done");
	return 0;
}
#endif
