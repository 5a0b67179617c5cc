/* SPDX-License-Identifier: MIT
 *
 * The model's door: references are checked, names come late, the text form says what is wrong.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "support.h"

static struct lockdag_model *parse(const char *text)
{
	struct lockdag_parse_error error = {0};
	struct lockdag_model *m = NULL;

	if (lockdag_model_parse(text, strlen(text), &m, &error))
		print_error("%u:%u: %s\n", error.line, error.column, error.message);
	assert_non_null(m);
	return m;
}

static void model_checks_references(void **state)
{
	const struct lockdag_process process = {.run = 0};
	const struct lockdag_thread thread = {.process = 0};
	const struct lockdag_birth birth = {.stack = LOCKDAG_NONE}, bad = {.stack = 3};
	const struct lockdag_lock lock = {.birth = 0};
	const struct lockdag_held held = {.lock = 9, .stack = LOCKDAG_NONE};
	struct lockdag_acquire a = {.stack = LOCKDAG_NONE};
	struct lockdag_discharge d = {.stack = LOCKDAG_NONE, .began = LOCKDAG_NONE};
	struct lockdag_order order = {.to_phase = 1};
	struct lockdag_model *m;

	(void)state;
	assert_int_equal(lockdag_model_new(&m), 0);
	assert_int_equal(lockdag_model_add_process(m, &process), -EINVAL);
	assert_int_equal(lockdag_model_add_run(m, NULL), 0);
	assert_int_equal(lockdag_model_add_thread(m, &thread), -EINVAL);
	assert_int_equal(lockdag_model_add_process(m, &process), 0);
	assert_int_equal(lockdag_model_add_thread(m, &thread), 0);
	assert_int_equal(lockdag_model_add_birth(m, &bad), -EINVAL);
	assert_int_equal(lockdag_model_add_lock(m, &lock), -EINVAL);
	assert_int_equal(lockdag_model_add_birth(m, &birth), 0);
	assert_int_equal(lockdag_model_add_lock(m, &lock), 0);
	assert_int_equal(lockdag_model_add_acquire(m, &a, NULL), 0);
	a.n_held = 1;
	assert_int_equal(lockdag_model_add_acquire(m, &a, &held), -EINVAL);
	a.n_held = 0;
	a.first_phase = 2;
	assert_int_equal(lockdag_model_add_acquire(m, &a, NULL), -EINVAL);
	a.first_phase = 0;
	a.flags = LOCKDAG_ACQUIRE_WAIT;
	a.monitor = 1;
	assert_int_equal(lockdag_model_add_acquire(m, &a, NULL), -EINVAL);
	assert_int_equal(lockdag_model_add_discharge(m, &d, NULL), 0);
	d.n_held = 1;
	assert_int_equal(lockdag_model_add_discharge(m, &d, &held), -EINVAL);
	d.n_held = 0;
	d.lock = 1;
	assert_int_equal(lockdag_model_add_discharge(m, &d, NULL), -EINVAL);
	assert_int_equal(lockdag_model_add_order(m, &order), 0);
	order.to_thread = 1;
	assert_int_equal(lockdag_model_add_order(m, &order), -EINVAL);
	assert_int_equal(lockdag_model_add_guard(m, 0, 0, 0, LOCKDAG_READ), 0);
	assert_int_equal(lockdag_model_add_guard(m, 0, 1, 0, LOCKDAG_READ), -EINVAL);
	assert_int_equal(lockdag_model_add_guard(m, 1, 0, 0, LOCKDAG_READ), -EINVAL);
	assert_int_equal(lockdag_model_add_blocked(m, 0, 1), -EINVAL);
	assert_int_equal(lockdag_model_add_blocked(m, 0, 0), 0);
	assert_int_equal(lockdag_model_add_ended(m, 0, 0), -EINVAL); /* it is no wait */
	assert_int_equal(lockdag_model_add_ended(m, 1, 0), -EINVAL);
	assert_int_equal(lockdag_model_name_birth(m, 1, "x", NULL, NULL), -EINVAL);
	assert_int_equal(lockdag_model_name_lock(m, 1, "x", NULL, NULL, NULL), -EINVAL);
	assert_int_equal(lockdag_model_describe_stack(m, 0, NULL, 0), -EINVAL);
	lockdag_model_free(m);
	lockdag_model_free(NULL);
}

static void model_names_come_late(void **state)
{
	struct lockdag_model *m = parse("thread T1 name=- tid=7\nthread T2\n"
					"birth b\nlock l1 birth=b\nlock l2 birth=b\n");
	char buffer[64], small[4];

	(void)state;
	assert_string_equal(lockdag_model_lock_name(m, 0, buffer, sizeof(buffer)), "mutex #0");
	assert_int_equal(lockdag_model_name_birth(m, 0, "&c->lock", "app!c.lock", NULL), 0);
	assert_string_equal(lockdag_model_lock_name(m, 0, buffer, sizeof(buffer)), "&c->lock");
	assert_int_equal(lockdag_model_name_lock(m, 1, "c[1].lock", NULL, "c[].lock", "c.c:4"), 0);
	assert_string_equal(lockdag_model_lock_name(m, 1, buffer, sizeof(buffer)), "c[1].lock");
	assert_string_equal(lockdag_model_lock_name(m, 1, small, sizeof(small)), "c[1");
	assert_string_equal(lockdag_model_thread_name(m, 0, buffer, sizeof(buffer)), "thread 7");
	assert_string_equal(lockdag_model_thread_name(m, 1, buffer, sizeof(buffer)), "T2 (2)");
	assert_string_equal(m->births.items[0].key, "app!c.lock");
	assert_null(m->births.items[0].where);
	lockdag_model_free(m);
}

static void model_keeps_all_in_text(void **state)
{
	static const char text[] =
		"run r0 label=\"a \\\"b\\\" \\\\ \\x0a\"\n"
		"process p0 run=r0 pid=-3 name=-\n"
		"thread t0 process=p0 tid=9 name=\"x\" role=\"r\" parent=t1 create=4 joiner=77 "
		"join=5\n"
		"thread t1 process=p0 tid=10 name=-\n"
		"module m0 path=\"/lib/x.so\" build-id=\"00ff\"\n"
		"stack s0 raw=0x1,0xffffffffffffffff\n"
		"frame function=\"f\" file=\"f.c\" line=3 module=\"x.so\" offset=0x10 inlined\n"
		"frame\n"
		"stack s1\n"
		"birth b0 type=rwlock attributes=shared,writers-first,0x100 how=first stack=s0 "
		"name=\"n\" key=\"k\" where=\"f.c:3\"\n"
		"lock l0 birth=b0 process=p0 address=0xffff flags=many,foreign value=unknown "
		"name=\"ln\" key=\"lk\" class=\"lc\" where=\"lw\"\n"
		"lock l1 birth=b0 process=p0 value=0\n"
		"lock l2 process=p0 of=l0 level=3\n"
		"acquire t0 holds l0#18446744073709551615:r!try!0x200@s1 l1:f asks l0#2:f "
		"flags=timed,rewait,0x200 timeout=20 phase=3-9 stack=s0\n"
		"acquire t1 asks l1 phase=4\n"
		"acquire t1 holds l0 asks l1#9 flags=timed,wait timeout=5 monitor=l0 phase=1-2\n"
		"discharge t0 asked l0#3@s1 l1!timed!wait signals l1#9 phase=1-4 stack=s0\n"
		"discharge t1 signals l1\n"
		"order from=t0 phase=1-2 to=t1 since=3\n"
		"order from=t1 to=t0\n"
		"guard t1 l0#7:r\n"
		"blocked t0 1\n"
		"ended 2 1\n"
		"declared before=\"a b\" after=\"-> c\"\n";
	struct lockdag_model *m = parse(text);
	char *again = NULL;

	(void)state;
	assert_int_equal(lockdag_model_print(m, &again), 0);
	assert_string_equal(again, text);
	assert_int_equal(m->threads.items[0].parent, 1);
	assert_int_equal(m->threads.items[0].joiner, 77);
	assert_int_equal(m->stacks.items[0].n_frames, 2);
	assert_true(m->stacks.items[0].frames[0].inlined);
	assert_int_equal(m->locks.items[0].value, LOCKDAG_NONE);
	assert_true(m->held.items[0].serial == UINT64_MAX);
	assert_int_equal(m->held.items[0].stack, 1);
	assert_int_equal(m->acquires.items[1].monitor, LOCKDAG_NONE);
	assert_int_equal(m->acquires.items[2].flags, LOCKDAG_ACQUIRE_TIMED | LOCKDAG_ACQUIRE_WAIT);
	assert_int_equal(m->acquires.items[2].monitor, 0);
	assert_int_equal(m->discharges.items[0].n_held, 2);
	assert_int_equal(m->held.items[m->discharges.items[0].held + 1].flags,
		LOCKDAG_ACQUIRE_TIMED | LOCKDAG_ACQUIRE_WAIT);
	assert_int_equal(m->orders.items[0].to_phase, 3);
	assert_true(m->guards.items[0].serial == 7);
	assert_string_equal(m->declared.items[0].after, "-> c");
	free(again);
	lockdag_model_free(m);
}

static void model_defaults_are_short(void **state)
{
	struct lockdag_model *m =
		parse(" thread  T1\r\n\n# comment\n\tlock A\nacquire T1 asks A try");

	(void)state;
	assert_int_equal(m->runs.n, 1);
	assert_int_equal(m->processes.n, 1);
	assert_string_equal(m->births.items[0].name, "A");
	assert_string_equal(m->births.items[0].key, "A");
	assert_int_equal(m->locks.items[0].value, 1);
	assert_int_equal(m->threads.items[0].parent, LOCKDAG_NONE);
	assert_int_equal(m->acquires.items[0].flags, LOCKDAG_ACQUIRE_TRY);
	assert_int_equal(m->acquires.items[0].stack, LOCKDAG_NONE);
	lockdag_model_free(m);
}

static const struct {
	const char *text;
	unsigned line, column;
	const char *part; /* of the message */
} wrong_models[] = {
	{"thread T1\nlok A\n", 2, 1, "\"lok\" is not a record"},
	{"thread", 1, 1, "needs a label"},
	{"thread 1T", 1, 8, "label"},
	{"thread T tid=x", 1, 10, "tid is a number"},
	{"thread T tid=2147483648", 1, 10, "tid is a number"},
	{"thread T tid=1 tid=2", 1, 16, "twice"},
	{"thread T tid", 1, 10, "needs =VALUE"},
	{"thread T colour=red", 1, 10, "no field \"colour\""},
	{"thread T name=\"x", 1, 17, "does not end"},
	{"thread T name=\"x\"y", 1, 18, "blank"},
	{"thread T name=\"\\q\"", 1, 16, "backslash"},
	{"thread T name=\"\\x00\"", 1, 16, "zero"},
	{"thread T name=a\"b", 1, 16, "belongs into a string"},
	{"thread T\nthread T", 2, 8, "defined already"},
	{"\nthread T parent=U\n", 2, 10, "no thread \"U\""},
	{"lock A level=1", 1, 1, "go together"},
	{"lock A\nlock B of=A", 2, 1, "go together"},
	{"lock A\nlock B of=A level=1 type=mutex", 2, 1, "go together"},
	{"lock A\nlock B of=A level=1\nlock C of=B level=2", 3, 1, "without a level"},
	{"declared before=A", 1, 1, "two names"},
	{"declared before=A after=A", 1, 1, "two names"},
	{"lock A type=mutx", 1, 8, "not a word for type"},
	{"lock A attributes=slow", 1, 8, "not a flag"},
	{"birth b\nlock A birth=b type=mutex", 2, 1, "birth's"},
	{"lock A birth=b", 1, 8, "no birth \"b\""},
	{"thread T\nacquire T", 2, 9, "\"asks LOCK\" is missing"},
	{"thread T\nlock A\nacquire T holds A", 3, 17, "\"asks LOCK\" is missing"},
	{"thread T\nlock A\nacquire T asks A:q", 3, 16, "a mode is"},
	{"thread T\nlock A\nacquire T asks A!try", 3, 16, "no ! or @"},
	{"thread T\nlock A\nacquire T asks B", 3, 16, "no lock \"B\""},
	{"thread T\nlock A\nacquire T asks A phase=3-1", 3, 18, "N <= M"},
	{"thread T\nlock A\nacquire T holds A#x asks A", 3, 17, "serial"},
	{"thread T\nlock A\nacquire T asks A monitor=A", 3, 1, "only a wait"},
	{"discharge", 1, 1, "needs a thread"},
	{"thread T\nlock A\ndischarge T asked A", 3, 19, "\"signals LOCK\" is missing"},
	{"thread T\nlock A\ndischarge T signals A!wait", 3, 21, "no ! or @"},
	{"thread T\norder from=T", 2, 1, "needs from= and to="},
	{"thread T\norder from=T to=T phase=2-1", 2, 19, "N <= M"},
	{"guard T", 1, 1, "a thread and a lock"},
	{"thread T\nlock A\nguard T A@s", 3, 9, "no stack"},
	{"thread T\nlock A\nguard T A!try", 3, 9, "no ! or @"},
	{"blocked T", 1, 1, "a thread and an acquire"},
	{"ended 0", 1, 1, "an acquire and a discharge"},
	{"thread T\nlock A\nacquire T asks A\ndischarge T signals A\nended 0 0", 5, 7, "no wait"},
	{"thread T\nlock A\nacquire T asks A wait\nended 0 0", 4, 9, "no discharge \"0\""},
	{"thread T\nblocked T 0", 2, 11, "no acquire \"0\""},
	{"frame function=\"f\"", 1, 1, "behind a stack"},
	{"stack s raw=1,,2", 1, 9, "frame's number"},
	{"thread T name", 1, 10, "needs =VALUE"},
	{"stack s\nframe inlined=1", 2, 7, "takes no value"},
};

static void model_says_what_is_wrong(void **state)
{
	(void)state;
	for (size_t i = 0; i < LOCKDAG_ARRAY_SIZE(wrong_models); i++) {
		struct lockdag_parse_error error = {0};
		struct lockdag_model *m = NULL;
		int r = lockdag_model_parse(wrong_models[i].text, strlen(wrong_models[i].text), &m, &error);

		if (r != -EINVAL || error.line != wrong_models[i].line ||
			error.column != wrong_models[i].column || !strstr(error.message, wrong_models[i].part))
			print_error("case %zu: %d at %u:%u: %s\n", i, r, error.line, error.column,
				error.message);
		assert_int_equal(r, -EINVAL);
		assert_null(m);
		assert_int_equal(error.line, wrong_models[i].line);
		assert_int_equal(error.column, wrong_models[i].column);
		assert_non_null(strstr(error.message, wrong_models[i].part));
	}
}

static void words_go_both_ways(void **state)
{
	enum lockdag_grade grade = LOCKDAG_HAPPENED;

	(void)state;
	for (unsigned i = 0; i < LOCKDAG_N_GRADES; i++) {
		assert_int_equal(
			lockdag_grade_parse(lockdag_grade_word((enum lockdag_grade)i), &grade), 0);
		assert_int_equal(grade, i);
	}
	assert_int_equal(lockdag_grade_parse("likely", &grade), -EINVAL);
	assert_string_equal(lockdag_ruled_word(LOCKDAG_RULED_GATE), "gate");
	assert_string_equal(lockdag_ruled_meaning(LOCKDAG_RULED_GATE), "behind a gate lock");
	assert_string_equal(lockdag_finding_kind_word(LOCKDAG_FINDING_HANG), "hang");
}

static void findings_keep_the_scenario_first(void **state)
{
	struct lockdag_model *m = parse("thread T1\nthread T2\nthread T3\nlock G\nlock A\nlock B\n"
					"acquire T1 holds G A asks B\n"
					"acquire T2 holds G B asks A\n"
					"acquire T3 holds B asks A\n");
	struct lockdag_findings *f = NULL;
	const struct lockdag_link *back;

	(void)state;
	assert_int_equal(lockdag_core_find(m, NULL, &f), 0);
	assert_int_equal(f->n, 1);
	assert_int_equal(f->items[0].n_locks, 2);
	assert_string_equal(f->items[0].locks[0].key, "A");
	back = &f->items[0].links[1];
	assert_int_equal(back->n_exemplars, 2);
	assert_int_equal(back->exemplars[0].acquire, 2);
	assert_int_equal(back->exemplars[1].acquire, 1);
	assert_int_equal(back->exemplars[1].held, 1);
	assert_int_equal(f->items[0].writer, LOCKDAG_NONE);
	assert_false(f->bounded);
	lockdag_findings_free(f);
	lockdag_model_free(m);
}

/* One thread's nest makes several links of one exemplar; another thread that took the same classes
 * is kept beside it, one that did not is left out. */
static void findings_name_the_whole_nest(void **state)
{
	struct lockdag_model *m = parse("thread T1\nthread T2\nthread T3\nthread T4\n"
					"lock A\nlock B\nlock C\nlock X\n"
					"acquire T1 holds A B asks C\n"
					"acquire T3 holds A X B asks C\n"
					"acquire T4 holds A asks C\n"
					"acquire T2 holds C asks A\n");
	static const uint32_t contexts[] = {0, 0, 1}, n[] = {2, 2, 1};
	struct lockdag_findings *f = NULL;
	const struct lockdag_finding *finding;

	(void)state;
	assert_int_equal(lockdag_core_find(m, NULL, &f), 0);
	assert_int_equal(f->n, 1);
	finding = &f->items[0];
	assert_string_equal(finding->title, "A -> B -> C -> A");
	assert_int_equal(finding->n_locks, 3);
	assert_false(finding->locks[0].between);
	assert_true(finding->locks[1].between);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(finding->links[i].from, i);
		assert_int_equal(finding->links[i].to, (i + 1) % 3);
		assert_int_equal(finding->links[i].context, contexts[i]);
		assert_int_equal(finding->links[i].n_exemplars, n[i]);
	}
	assert_int_equal(finding->links[0].exemplars[0].held, 0);
	assert_int_equal(finding->links[0].exemplars[0].asked, 1);
	assert_int_equal(finding->links[1].exemplars[0].held, 1);
	assert_int_equal(finding->links[1].exemplars[0].asked, 2);
	assert_int_equal(finding->links[0].exemplars[1].acquire, 1);
	assert_int_equal(finding->links[0].exemplars[1].asked, 2);
	lockdag_findings_free(f);
	lockdag_model_free(m);
}

/* Links under an event: a discharge's row, with its own acquisition where there is one, and an
 * acquisition of a thread that is joined. */
static void findings_through_waits(void **state)
{
	struct lockdag_model *m = parse("thread W\nthread D\nthread E\nlock L\nlock M\n"
					"lock cv type=condition\n"
					"lock J type=thread flags=many\n"
					"acquire W holds L asks cv wait\n"
					"acquire D asks L\n"
					"discharge D asked M L signals cv\n"
					"acquire W holds M asks J#3 wait\n"
					"acquire E asks M\n"
					"acquire E holds M asks L\n");
	const struct lockdag_find_options locks_only = {.no_waits = true};
	const struct lockdag_exemplar *e;
	struct lockdag_findings *f = NULL;
	size_t cv;

	(void)state;
	assert_int_equal(lockdag_core_find(m, NULL, &f), 0);
	assert_int_equal(f->n, 2);
	cv = strcmp(f->items[0].title, "L -> cv -> L") != 0;
	assert_string_equal(f->items[cv].title, "L -> cv -> L");
	assert_string_equal(f->items[!cv].title, "M -> J -> M");
	e = &f->items[cv].links[0].exemplars[0];
	assert_int_equal(e->acquire, 0);
	assert_int_equal(e->discharge, LOCKDAG_NONE);
	e = &f->items[cv].links[1].exemplars[0];
	assert_int_equal(e->discharge, 0);
	assert_int_equal(e->asked, 1);
	assert_int_equal(e->held, LOCKDAG_NONE);
	assert_int_equal(e->acquire, 1);
	e = &f->items[!cv].links[1].exemplars[0];
	assert_int_equal(e->discharge, LOCKDAG_NONE);
	assert_int_equal(e->held, LOCKDAG_NONE);
	assert_int_equal(e->acquire, 3);
	assert_int_equal(e->asked, 0);
	lockdag_findings_free(f);
	assert_int_equal(lockdag_core_find(m, &locks_only, &f), 0);
	assert_int_equal(f->n, 0);
	assert_int_equal(f->n_edges, 1);
	lockdag_findings_free(f);
	lockdag_model_free(m);
}

static void findings_of_an_empty_model(void **state)
{
	struct lockdag_model *m = parse("");
	struct lockdag_findings *f = NULL;
	char *text = NULL;

	(void)state;
	assert_int_equal(lockdag_core_find(m, NULL, &f), 0);
	assert_int_equal(lockdag_findings_print(m, f, &text), 0);
	assert_string_equal(text, "total 0 findings, 0 classes, 0 edges\n");
	free(text);
	lockdag_findings_free(f);
	lockdag_findings_free(NULL);
	lockdag_model_free(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(model_checks_references),
		cmocka_unit_test(model_names_come_late),
		cmocka_unit_test(model_keeps_all_in_text),
		cmocka_unit_test(model_defaults_are_short),
		cmocka_unit_test(model_says_what_is_wrong),
		cmocka_unit_test(words_go_both_ways),
		cmocka_unit_test(findings_keep_the_scenario_first),
		cmocka_unit_test(findings_name_the_whole_nest),
		cmocka_unit_test(findings_through_waits),
		cmocka_unit_test(findings_of_an_empty_model),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
