/* SPDX-License-Identifier: MIT
 *
 * The kernel form: lockdep's words and indentation, line by line.
 */
#include "fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void test_two(void **state)
{
	struct fixture fx;
	char *text;

	(void)state;
	fixture_bank(&fx);
	text = fixture_print_one(&fx, LOCKDAG_FORMAT_KERNEL, NULL);
	fixture_expect(text, "two.kernel");
	free(text);
	fixture_done(&fx);
}

/* The chain of the report that showed the cycle first names the same classes in the same order. */
static void test_seven(void **state)
{
	static const char *const chain[] = {
		"\n-> #6 (&dev_priv->mm_lock){+.+.}:\n",
		"\n-> #5 (&mm->mmap_sem){++++}:\n",
		"\n-> #4 (&sb->s_type->i_mutex_key#5){++++}:\n",
		"\n-> #3 ((complete)&req.done){+.+.}:\n",
		"\n-> #2 (cpuhp_state){+.+.}:\n",
		"\n-> #1 (cpuhp_state_mutex){+.+.}:\n",
		"\n-> #0 (cpu_hotplug_lock.rw_sem){++++}:\n",
		"\nChain exists of:\n",
		"  cpu_hotplug_lock.rw_sem --> &mm->mmap_sem --> &dev_priv->mm_lock\n",
	};
	struct fixture fx;
	const char *at;
	char *text;

	(void)state;
	fixture_seven(&fx);
	text = fixture_print_one(&fx, LOCKDAG_FORMAT_KERNEL, NULL);
	fixture_expect(text, "seven.kernel");
	at = text;
	for (size_t i = 0; i < LOCKDAG_ARRAY_SIZE(chain); i++) {
		at = strstr(at, chain[i]);
		assert_non_null(at);
	}
	free(text);
	fixture_done(&fx);
}

/* The same cycle in another rotation is the same report: the new edge is the one learned last. */
static void test_rotation(void **state)
{
	struct lockdag_finding_lock locks[7];
	struct lockdag_link links[7];
	struct fixture fx;
	char *text;

	(void)state;
	fixture_seven(&fx);
	for (size_t i = 0; i < 7; i++) {
		locks[i] = fx.locks[(i + 3) % 7];
		links[i] = fx.links[(i + 3) % 7];
		links[i].from = (uint32_t)i;
		links[i].to = (uint32_t)((i + 1) % 7);
	}
	fx.finding.locks = locks;
	fx.finding.links = links;
	text = fixture_print_one(&fx, LOCKDAG_FORMAT_KERNEL, NULL);
	fixture_expect(text, "seven.kernel");
	free(text);
	fixture_done(&fx);
}

static void test_recursive(void **state)
{
	struct fixture fx;
	char *text;

	(void)state;
	fixture_init(&fx);
	fixture_lock(&fx, "cache.lock", LOCKDAG_LOCK_MUTEX, LOCKDAG_BIRTH_FIRST, "cache.c:9");
	fixture_seen(&fx, 0,
		&(struct fixture_seen){.thread = fixture_thread(&fx, NULL, 77),
			.held_stack = LOCKDAG_NONE,
			.wait_stack =
				FIXTURE_STACK(&fx, {"evict", "cache.c", 30, "bank", 0x99, false})});
	text = fixture_print_one(&fx, LOCKDAG_FORMAT_KERNEL, NULL);
	fixture_expect(text, "recursive.kernel");
	free(text);
	fixture_done(&fx);
}

/* Nothing known about the new edge. */
static void test_bare(void **state)
{
	struct fixture fx;
	char *text;

	(void)state;
	fixture_init(&fx);
	fixture_lock(&fx, NULL, LOCKDAG_LOCK_MUTEX, LOCKDAG_BIRTH_STATIC, NULL);
	fixture_lock(&fx, "b\n*** x", LOCKDAG_LOCK_MUTEX, LOCKDAG_BIRTH_STATIC, NULL);
	text = fixture_print_one(&fx, LOCKDAG_FORMAT_KERNEL, NULL);
	fixture_expect(text, "bare.kernel");
	free(text);
	fixture_done(&fx);
}

static void test_whole_report(void **state)
{
	struct fixture fx;
	char *text;

	(void)state;
	fixture_bank(&fx);
	text = fixture_print(&fx, LOCKDAG_FORMAT_KERNEL, &fixture_facts, NULL);
	assert_int_equal(strncmp(text, "lockdag: 1 possible deadlock\n", 29), 0);
	assert_non_null(strstr(text, "\n\n======"));
	free(text);
	fx.findings.n = 0;
	text = fixture_print(&fx, LOCKDAG_FORMAT_KERNEL, &fixture_facts, NULL);
	assert_string_equal(text, "lockdag: no lock-order cycle found in 5 locks, 3 edges\n");
	free(text);
	fixture_done(&fx);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_two),
		cmocka_unit_test(test_seven),
		cmocka_unit_test(test_rotation),
		cmocka_unit_test(test_recursive),
		cmocka_unit_test(test_bare),
		cmocka_unit_test(test_whole_report),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
