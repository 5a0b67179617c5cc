/* SPDX-License-Identifier: MIT
 *
 * How long core takes over big models (DESIGN 11: 10^5 classes and 10^6 edges in 5 s and 1 GiB).
 *	bench_core [CLASSES [EDGES]]
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#include "core/core.h"

static uint64_t bench_state = 88172645463325252u;

static uint32_t bench_random(uint32_t below)
{
	bench_state ^= bench_state << 13;
	bench_state ^= bench_state >> 7;
	bench_state ^= bench_state << 17;
	return (uint32_t)(bench_state >> 33) % below;
}

static double bench_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static bool bench_locks(struct lockdag_model *m, uint32_t n_threads, uint32_t n_locks)
{
	const struct lockdag_process process = {.pid = 1};
	bool ok =
		lockdag_model_add_run(m, NULL) >= 0 && lockdag_model_add_process(m, &process) >= 0;

	for (uint32_t i = 0; ok && i < n_threads; i++) {
		const struct lockdag_thread t = {.tid = (int32_t)i,
			.parent = i ? 0 : LOCKDAG_NONE,
			.create_phase = i,
			.joiner = LOCKDAG_NONE};

		ok = lockdag_model_add_thread(m, &t) >= 0;
	}
	for (uint32_t i = 0; ok && i < n_locks; i++) {
		char name[24];
		const struct lockdag_birth b = {.stack = LOCKDAG_NONE, .name = name, .key = name};
		const struct lockdag_lock l = {.birth = i, .value = 1};

		snprintf(name, sizeof(name), "lock %u", i);
		ok = lockdag_model_add_birth(m, &b) >= 0 && lockdag_model_add_lock(m, &l) >= 0;
	}
	return ok;
}

static bool bench_edge(struct lockdag_model *m, uint32_t thread, uint32_t held, uint32_t asked)
{
	const struct lockdag_held h = {.lock = held, .stack = LOCKDAG_NONE};
	const struct lockdag_acquire a = {.thread = thread,
		.lock = asked,
		.first_phase = 100000,
		.last_phase = 100000,
		.stack = LOCKDAG_NONE,
		.n_held = 1};

	return lockdag_model_add_acquire(m, &a, &h) >= 0;
}

/* Edges that follow one order, and back_edges that do not: over at most reach places back. */
static bool bench_model(struct lockdag_model *m, uint32_t n_locks, uint32_t n_edges,
	uint32_t back_edges, uint32_t reach)
{
	bool ok = bench_locks(m, 64, n_locks);

	for (uint32_t i = 0; ok && i < n_edges; i++) {
		uint32_t a = bench_random(n_locks - 1);
		uint32_t b = a + 1 + bench_random(n_locks - 1 - a);

		ok = bench_edge(m, 1 + i % 63, a, b);
	}
	for (uint32_t i = 0; ok && i < back_edges; i++) {
		uint32_t a = bench_random(n_locks - reach), b = a + 1 + bench_random(reach - 1);

		ok = bench_edge(m, 5, a, b) && bench_edge(m, 6, b, a);
	}
	return ok;
}

static int bench_one(
	const char *what, uint32_t n_locks, uint32_t n_edges, uint32_t back_edges, uint32_t reach)
{
	struct lockdag_model *m = NULL;
	struct lockdag_findings *f = NULL;
	struct rusage usage;
	double t0, t1, t2;
	int r = lockdag_model_new(&m);

	if (!r && !bench_model(m, n_locks, n_edges, back_edges, reach))
		r = -1;
	t0 = bench_ms();
	if (!r)
		r = lockdag_core_find(m, NULL, &f);
	t1 = bench_ms();
	if (!r)
		r = lockdag_cut_find(m, f);
	t2 = bench_ms();
	getrusage(RUSAGE_SELF, &usage);
	if (r)
		fprintf(stderr, "bench_core: %s failed (%d)\n", what, r);
	else
		printf("core %-22s %8zu classes %9zu edges %6zu findings%s %8.0f ms, cut %5.0f ms %6ld "
		       "MiB peak\n",
			what, f->n_classes, f->n_edges, f->n, f->bounded ? " (bounded)" : "",
			t1 - t0, t2 - t1, usage.ru_maxrss / 1024);
	lockdag_findings_free(f);
	lockdag_model_free(m);
	return r ? 1 : 0;
}

int main(int argc, char **argv)
{
	uint32_t n_locks = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 0) : 100000;
	uint32_t n_edges = argc > 2 ? (uint32_t)strtoul(argv[2], NULL, 0) : 1000000;

	if (n_locks < 16) {
		fprintf(stderr, "usage: bench_core [CLASSES [EDGES]], at least 16 classes\n");
		return 2;
	}
	return bench_one("no cycle", n_locks, n_edges, 0, 8) ||
	       bench_one("10 pairs both ways", n_locks, n_edges, 10, 8) ||
	       bench_one("1000 pairs both ways", n_locks, n_edges, 1000, 8) ||
	       bench_one("one big component", n_locks, n_edges, 1000, n_locks - 1);
}
