/* SPDX-License-Identifier: MIT
 *
 * Big models end, and end with the right answer. How fast they do is bench/bench_core.c's business.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>

#include "support.h"

static struct lockdag_model *scale_model(uint32_t n_threads, uint32_t n_locks)
{
	const struct lockdag_process process = {.pid = 1};
	struct lockdag_model *m;

	assert_int_equal(lockdag_model_new(&m), 0);
	lockdag_model_add_run(m, NULL);
	lockdag_model_add_process(m, &process);
	for (uint32_t i = 0; i < n_threads; i++) {
		const struct lockdag_thread t = {.tid = (int32_t)i,
			.parent = i ? 0 : LOCKDAG_NONE,
			.create_phase = i,
			.joiner = LOCKDAG_NONE};

		assert_true(lockdag_model_add_thread(m, &t) >= 0);
	}
	for (uint32_t i = 0; i < n_locks; i++) {
		char name[24];
		const struct lockdag_birth b = {.stack = LOCKDAG_NONE, .name = name, .key = name};
		const struct lockdag_lock l = {.birth = i, .value = 1};

		snprintf(name, sizeof(name), "lock %u", i);
		assert_true(lockdag_model_add_birth(m, &b) >= 0);
		assert_true(lockdag_model_add_lock(m, &l) >= 0);
	}
	return m;
}

static void scale_edge(struct lockdag_model *m, uint32_t thread, uint32_t held, uint32_t asked)
{
	const struct lockdag_held h = {.lock = held, .stack = LOCKDAG_NONE};
	const struct lockdag_acquire a = {.thread = thread,
		.lock = asked,
		.first_phase = 20000,
		.last_phase = 20000,
		.stack = LOCKDAG_NONE,
		.n_held = 1};

	assert_true(lockdag_model_add_acquire(m, &a, &h) >= 0);
}

static struct lockdag_findings *scale_find(const struct lockdag_model *m)
{
	struct lockdag_findings *f = NULL;

	assert_int_equal(lockdag_core_find(m, NULL, &f), 0);
	return f;
}

/* 10^5 classes, 10^6 edges, ordered but for three edges that each close a pair. */
static void scale_sparse_cycles(void **state)
{
	struct lockdag_model *m = scale_model(64, 100000);
	struct lockdag_findings *f;
	uint64_t random = 7;

	(void)state;
	for (uint32_t i = 0; i < 1000000; i++) {
		uint32_t a = support_random(&random, 99999);
		uint32_t b = a + 1 + support_random(&random, 99999 - a);

		scale_edge(m, 1 + i % 63, a, b);
	}
	for (uint32_t i = 0; i < 3; i++) {
		scale_edge(m, 5, 30000 * i + 1, 30000 * i + 2);
		scale_edge(m, 6, 30000 * i + 2, 30000 * i + 1);
	}
	f = scale_find(m);
	assert_int_equal(f->n_classes, 100000);
	assert_true(f->n >= 3);
	for (size_t i = 0; i < f->n; i++)
		assert_int_equal(f->items[i].grade, LOCKDAG_POSSIBLE);
	lockdag_findings_free(f);
	lockdag_model_free(m);
}

/* All locks in all orders: the bounds are met, and said. */
static void scale_dense(void **state)
{
	struct lockdag_model *m = scale_model(8, 300);
	struct lockdag_findings *f;

	(void)state;
	for (uint32_t a = 0; a < 300; a++) {
		for (uint32_t b = 0; b < 300; b++) {
			if (a != b)
				scale_edge(m, 1 + (a + b + (a < b)) % 7, a, b);
		}
	}
	f = scale_find(m);
	assert_true(f->bounded);
	assert_int_equal(f->n, 1000);
	lockdag_findings_free(f);
	lockdag_model_free(m);
}

/* One ring over all locks: longer than is looked for, and said. */
static void scale_long_ring(void **state)
{
	struct lockdag_model *m = scale_model(64, 50000);
	struct lockdag_findings *f;

	(void)state;
	for (uint32_t i = 0; i < 50000; i++)
		scale_edge(m, 1 + i % 63, i, (i + 1) % 50000);
	f = scale_find(m);
	assert_true(f->bounded);
	assert_int_equal(f->n, 0);
	lockdag_findings_free(f);
	lockdag_model_free(m);
}

/* One pair, observed very often: by one thread, and once by another one behind all of those. */
static void scale_many_observations(void **state)
{
	struct lockdag_model *m = scale_model(10000, 2);
	struct lockdag_findings *f;

	(void)state;
	for (uint32_t i = 0; i < 100000; i++) {
		scale_edge(m, 1, 0, 1);
		scale_edge(m, 1, 1, 0);
	}
	scale_edge(m, 9999, 1, 0);
	f = scale_find(m);
	assert_int_equal(f->n, 1);
	assert_int_equal(f->items[0].grade, LOCKDAG_POSSIBLE);
	lockdag_findings_free(f);
	lockdag_model_free(m);
}

/* 10^4 threads, each created after the one before was joined, in both orders: none at once. */
static void scale_threads_in_turn(void **state)
{
	struct lockdag_model *m = scale_model(1, 2);
	struct lockdag_findings *f;

	(void)state;
	for (uint32_t i = 1; i < 10000; i++) {
		const struct lockdag_thread t = {.tid = (int32_t)i,
			.create_phase = 2 * i,
			.joiner = 0,
			.join_phase = 2 * i + 2};

		assert_true(lockdag_model_add_thread(m, &t) >= 0);
		scale_edge(m, i, i % 2, 1 - i % 2);
	}
	f = scale_find(m);
	assert_int_equal(f->n, 1);
	assert_int_equal(f->items[0].grade, LOCKDAG_UNLIKELY);
	assert_int_equal(f->items[0].ruled, LOCKDAG_RULED_ORDERED);
	lockdag_findings_free(f);
	lockdag_model_free(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(scale_sparse_cycles),
		cmocka_unit_test(scale_dense),
		cmocka_unit_test(scale_long_ring),
		cmocka_unit_test(scale_many_observations),
		cmocka_unit_test(scale_threads_in_turn),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
