/* SPDX-License-Identifier: MIT
 *
 * scale-subject MODE N: programs of size N for tests/scale/run. Each prints `resident KIB`, what it
 * has in memory when it is largest.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static pthread_mutex_t outer = PTHREAD_MUTEX_INITIALIZER, inner = PTHREAD_MUTEX_INITIALIZER;

static void die(const char *what)
{
	fprintf(stderr, "scale-subject: %s\n", what);
	exit(2);
}

/* smaps_rollup counts pages of shared memory, too. */
static void print_resident(void)
{
	FILE *file = fopen("/proc/self/smaps_rollup", "r");
	char line[256];
	long kib = -1;

	while (file && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "Rss: %ld", &kib) == 1)
			break;
	}
	if (file)
		fclose(file);
	printf("resident %ld\n", kib);
	fflush(stdout);
}

static void nested(pthread_mutex_t *a, pthread_mutex_t *b)
{
	pthread_mutex_lock(a);
	pthread_mutex_lock(b);
	pthread_mutex_unlock(b);
	pthread_mutex_unlock(a);
}

static void start(pthread_t *t, void *(*run)(void *), void *arg)
{
	pthread_attr_t a;

	pthread_attr_init(&a);
	pthread_attr_setstacksize(&a, 128 << 10);
	if (pthread_create(t, &a, run, arg))
		die("no thread");
	pthread_attr_destroy(&a);
}

static pthread_mutex_t *new_locks(long n)
{
	pthread_mutex_t *locks = calloc((size_t)n, sizeof(*locks));

	if (!locks)
		die("no memory");
	return locks;
}

/* ------------------------------------------------------------------ locks of one class */

static void *idle(void *arg)
{
	(void)arg;
	pause();
	return NULL;
}

/* n at once, each initialised, and taken inside another; with a second thread, as programs have. */
static void mode_live(long n)
{
	pthread_mutex_t *locks = new_locks(n);
	pthread_t t;

	start(&t, idle, NULL);
	for (long i = 0; i < n; i++) {
		pthread_mutex_init(&locks[i], NULL);
		nested(&outer, &locks[i]);
	}
	print_resident();
}

/* n in turn */
static void mode_made(long n)
{
	for (long i = 0; i < n; i++) {
		pthread_mutex_t *lock = malloc(sizeof(*lock));

		pthread_mutex_init(lock, NULL);
		nested(&outer, lock);
		pthread_mutex_destroy(lock);
		free(lock);
	}
	print_resident();
}

static void *last_first(void *arg)
{
	pthread_mutex_t *last = arg;

	usleep(50000);
	nested(last, last - 1);
	return NULL;
}

/* n at once, each inside the one before: nestings of one class; the last two in both orders */
static void mode_neighbours(long n)
{
	pthread_mutex_t *locks = new_locks(n);
	pthread_t t;

	start(&t, idle, NULL);
	for (long i = 0; i < n; i++)
		pthread_mutex_init(&locks[i], NULL);
	for (long i = 1; i < n; i++)
		nested(&locks[i - 1], &locks[i]);
	start(&t, last_first, &locks[n - 1]);
	nested(&locks[n - 2], &locks[n - 1]);
	pthread_join(t, NULL);
	print_resident();
}

/* ------------------------------------------------------------------ threads */

static void *in_order(void *arg)
{
	(void)arg;
	nested(&outer, &inner);
	return NULL;
}

static void *against(void *arg)
{
	(void)arg;
	nested(&inner, &outer);
	return NULL;
}

/* n over time, eight at once; the last takes the two the other way round, beside the seven before
 * it */
static void mode_threads(long n)
{
	pthread_t t[8];
	long alive = 0;

	for (long i = 0; i < n; i++) {
		start(&t[alive++], i == n - 1 ? against : in_order, NULL);
		/* none of them meets another: what is looked for is the order, not a deadlock */
		if (i == n - 2)
			usleep(50000);
		if (alive == 8) {
			while (alive)
				pthread_join(t[--alive], NULL);
		}
	}
	while (alive)
		pthread_join(t[--alive], NULL);
	print_resident();
}

static long waiting, go;

static void *at_once(void *arg)
{
	pthread_mutex_t mine = PTHREAD_MUTEX_INITIALIZER;

	nested(&outer, &mine);
	__atomic_add_fetch(&waiting, 1, __ATOMIC_SEQ_CST);
	while (!__atomic_load_n(&go, __ATOMIC_SEQ_CST))
		usleep(100000);
	nested(&outer, &mine);
	return arg;
}

static void mode_at_once(long n)
{
	pthread_t *t = calloc((size_t)n, sizeof(*t));

	for (long i = 0; i < n; i++)
		start(&t[i], at_once, NULL);
	while (__atomic_load_n(&waiting, __ATOMIC_SEQ_CST) < n)
		usleep(2000);
	print_resident();
	__atomic_store_n(&go, 1, __ATOMIC_SEQ_CST);
	for (long i = 0; i < n; i++)
		pthread_join(t[i], NULL);
}

/* ------------------------------------------------------------------ chains */

#define MAX_CHAIN 1000
static pthread_mutex_t chain[MAX_CHAIN];

static void *chain_down(void *arg)
{
	long n = (long)arg;

	for (long i = 0; i < n; i++)
		pthread_mutex_lock(&chain[i]);
	for (long i = n; i--;)
		pthread_mutex_unlock(&chain[i]);
	return NULL;
}

static void *chain_close(void *arg)
{
	long n = (long)arg;

	usleep(60000);
	nested(&chain[n - 1], &chain[0]);
	return NULL;
}

/* n deep, and the last before the first */
static void mode_chain(long n)
{
	pthread_t a, b;

	if (n > MAX_CHAIN)
		die("too deep");
	start(&a, chain_down, (void *)n);
	start(&b, chain_close, (void *)n);
	pthread_join(a, NULL);
	pthread_join(b, NULL);
	print_resident();
}

/* ------------------------------------------------------------------ classes and edges */

#ifdef N_INITS /* classes.h is made by tests/scale/run: an init stack a class, N_INITS x N_CALLERS \
		*/
#include "classes.h"

static pthread_mutex_t *classes(long n)
{
	pthread_mutex_t *locks = new_locks(n);

	if (n > (long)N_INITS * N_CALLERS)
		die("not so many classes");
	for (long i = 0; i < n; i++)
		callers[i / N_INITS](inits[i % N_INITS], &locks[i]);
	return locks;
}

/* n classes, each inside the one before, and the first two in both orders */
static void *classes_down(void *arg)
{
	pthread_mutex_t *locks = ((void **)arg)[0];
	long n = (long)((void **)arg)[1];

	for (long i = 1; i < n; i++)
		nested(&locks[i - 1], &locks[i]);
	return NULL;
}

static void *classes_close(void *arg)
{
	pthread_mutex_t *locks = ((void **)arg)[0];

	usleep(100000);
	while (!__atomic_load_n(&go, __ATOMIC_SEQ_CST))
		usleep(2000);
	nested(&locks[1], &locks[0]);
	return NULL;
}

static void both(void *(*first)(void *), pthread_mutex_t *locks, long n)
{
	void *arg[] = {locks, (void *)n};
	pthread_t a, b;

	start(&a, first, arg);
	start(&b, classes_close, arg);
	usleep(1000);
	__atomic_store_n(&go, 1, __ATOMIC_SEQ_CST);
	pthread_join(a, NULL);
	pthread_join(b, NULL);
	print_resident();
}

static void mode_classes(long n)
{
	both(classes_down, classes(n), n);
}

/* n classes, all held at once, and the last before the first */
static void *deep_down(void *arg)
{
	pthread_mutex_t *locks = ((void **)arg)[0];
	long n = (long)((void **)arg)[1];

	for (long i = 0; i < n; i++)
		pthread_mutex_lock(&locks[i]);
	for (long i = n; i--;)
		pthread_mutex_unlock(&locks[i]);
	return NULL;
}

static void mode_deep(long n)
{
	pthread_mutex_t *locks = classes(n);

	both(deep_down, locks, n);
	nested(&locks[n - 1], &locks[0]);
}

#define EDGE_CLASSES ((long)N_INITS * N_CALLERS > 10000 ? 10000 : (long)N_INITS * N_CALLERS)

static long less(const void *a, const void *b)
{
	return *(const long *)a - *(const long *)b;
}

static int by_number(const void *a, const void *b)
{
	return less(a, b) < 0 ? -1 : less(a, b) > 0;
}

/* random sets of four in rising order until there are n pairs, nearly every one new */
static void *edges_up(void *arg)
{
	pthread_mutex_t *locks = ((void **)arg)[0];
	long n = (long)((void **)arg)[1], set[4];
	unsigned long random = 1;

	nested(&locks[0], &locks[1]);
	for (long pairs = 0; pairs < n; pairs += 6) {
		for (int i = 0; i < 4; i++) {
			random = random * 6364136223846793005ul + 1442695040888963407ul;
			set[i] = (long)((random >> 33) % (unsigned long)EDGE_CLASSES);
		}
		qsort(set, 4, sizeof(set[0]), by_number);
		if (set[0] == set[1] || set[1] == set[2] || set[2] == set[3])
			continue;
		for (int i = 0; i < 4; i++)
			pthread_mutex_lock(&locks[set[i]]);
		for (int i = 4; i--;)
			pthread_mutex_unlock(&locks[set[i]]);
	}
	return NULL;
}

static void mode_edges(long n)
{
	both(edges_up, classes(EDGE_CLASSES), n);
}
#endif

/* ------------------------------------------------------------------ */

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*run)(long n);
	} modes[] = {
		{"live", mode_live},
		{"made", mode_made},
		{"neighbours", mode_neighbours},
		{"threads", mode_threads},
		{"at-once", mode_at_once},
		{"chain", mode_chain},
#ifdef N_INITS
		{"classes", mode_classes},
		{"deep", mode_deep},
		{"edges", mode_edges},
#endif
	};

	for (size_t i = 0; argc == 3 && i < sizeof(modes) / sizeof(modes[0]); i++) {
		if (!strcmp(argv[1], modes[i].name)) {
			modes[i].run(atol(argv[2]));
			return 0;
		}
	}
	die("MODE N");
}
