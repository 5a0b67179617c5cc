/* SPDX-License-Identifier: MIT
 *
 * Suppressions: what fits, what does not, what is counted, and what a wrong line is told.
 */
#include "suppress/suppress.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Two cycles, one of them happened; a misuse; one that is ruled out. */
static const char model[] =
	"stack move\nframe function=\"bank::move(int)\" file=\"src/bank.cpp\" line=4 module=\"bank\"\n"
	"frame function=\"worker\" file=\"src/pool.c\" line=9 module=\"libpool.so.1\"\n"
	"stack check\nframe function=\"check\" file=\"src/audit.c\" line=7 module=\"bank\"\n"
	"thread A\nthread B\nlock from key=\"bank!from\"\nlock to\n"
	"acquire A holds from@move asks to stack=move\n"
	"acquire B holds to@check asks from stack=check\n"
	"lock x\nlock y\n"
	"acquire A holds x@check asks y stack=check as=p\n"
	"acquire B holds y@check asks x stack=check as=q\n"
	"blocked A p\nblocked B q\n"
	"lock m\nmisuse B rule=free-held lock=m stack=check\n"
	"lock u\nlock v\nacquire A holds u@move asks v\nacquire A holds v@move asks u\n";

struct world {
	struct lockdag_model *m;
	struct lockdag_findings *f;
	struct lockdag_suppressions *s;
};

static struct world world_of(const char *suppressions)
{
	struct lockdag_suppress_error error = {0};
	struct lockdag_parse_error parse = {0};
	struct world w = {0};

	if (lockdag_model_parse(model, sizeof(model) - 1, &w.m, &parse))
		fail_msg("%u:%u: %s", parse.line, parse.column, parse.message);
	assert_int_equal(lockdag_core_find(w.m, NULL, &w.f), 0);
	assert_int_equal(w.f->n, 4);
	assert_int_equal(lockdag_suppressions_new(&w.s), 0);
	if (lockdag_suppressions_parse(w.s, "s", suppressions, strlen(suppressions), &error))
		fail_msg("%u:%u: %s", error.line, error.column, error.message);
	return w;
}

static void world_done(struct world *w)
{
	lockdag_suppressions_free(w->s);
	lockdag_findings_free(w->f);
	lockdag_model_free(w->m);
}

/* Which findings are left, as letters: c(ycle), h(appened), m(isuse), u(nlikely). */
static void left(const char *suppressions, const char *wanted)
{
	struct world w = world_of(suppressions);
	char got[8];
	size_t n, at = 0;

	assert_int_equal(lockdag_suppressions_apply(w.s, w.m, w.f, &n), 0);
	assert_int_equal(w.f->n + n, 4);
	for (size_t i = 0; i < w.f->n; i++)
		got[at++] = w.f->items[i].kind == LOCKDAG_FINDING_MISUSE ? 'm'
			    : w.f->items[i].grade == LOCKDAG_HAPPENED	 ? 'h'
			    : w.f->items[i].grade == LOCKDAG_UNLIKELY	 ? 'u'
									 : 'c';
	got[at] = 0;
	for (const char *s = wanted; *s; s++)
		if (!strchr(got, *s) || at != strlen(wanted))
			fail_msg("%s: left %s, wanted %s", suppressions, got, wanted);
	world_done(&w);
}

static void test_own_form(void **state)
{
	(void)state;
	left("", "chmu");
	left("[n]\nlock = from\n", "hmu");
	left("[n]\nlock = from\nlock = to\n", "hmu");
	left("[n]\nlock = from\nlock = x\n", "chmu");
	left("[n]\nlock = fr?m\n", "hmu");
	left("[n]\nlock = *\n", "hu");
	left("[n]\nkind = misuse\n", "chu");
	left("[n]\nrule = free-*\n", "chu");
	left("[n]\nrule = relock\n", "chmu");
	left("[n]\nfunction = bank::move\n", "hmu");
	left("[n]\nfunction = bank::move(int)\n", "hmu");
	left("[n]\nfunction = move\n", "chmu");
	left("[n]\nfunction = worker\nfunction = check\n", "hmu");
	left("[n]\nmodule = libpool*\n", "hmu");
	left("[n]\nmodule = bank\nkind = cycle\n", "hmu");
	left("[n]\nfile = src/bank.cpp\n", "hmu");
	left("[n]\nfile = bank.cpp:4\n", "hmu");
	left("[n]\nfile = bank.cpp:5\n", "chmu");
	left("  [ n ]  \r\n  kind  =  cycle \r\n# comment\n\n", "hmu");
}

/* Brackets of a name are themselves. */
static void test_names_with_brackets(void **state)
{
	(void)state;
	left("[n]\nlock = fro[m]\n", "chmu");
}

static void test_happened_stays(void **state)
{
	(void)state;
	left("[n]\nlock = x\n", "chmu");
	left("[n]\nlock = x\ngrade = happened\n", "cmu");
	left("[n]\nlock = x\ngrade = possible\n", "chmu");
	left("[n]\nlock = m\ngrade = possible\n", "chmu");
	left("deadlock:check\n", "hmu");
}

static void test_tsan(void **state)
{
	(void)state;
	left("deadlock:move\n", "hmu");
	left("deadlock:^bank::move$\n", "hmu");
	left("deadlock:^move\n", "chmu");
	left("deadlock:libpool.so\n", "hmu");
	left("deadlock:audit.c\n", "hmu");
	left("mutex:check\n", "chu");
	left("race:move\nthread:check\nsignal:*\ncalled_from_lib:bank\nrace_top:x\n", "chmu");
	left("# c\n\ndeadlock:no_such\n", "chmu");
}

static void test_valgrind(void **state)
{
	(void)state;
	left("{\n n\n Helgrind:LockOrder\n fun:bank::move\n}\n", "hmu");
	left("{\n n\n Helgrind:LockOrder\n fun:_ZN4bank4moveEi\n}\n", "hmu");
	left("{\n n\n Helgrind:LockOrder\n fun:mutex_lock_WRK\n fun:pthread_mutex_lock\n fun:bank::move\n}\n", "hmu");
	left("{\n n\n Helgrind:LockOrder\n obj:*/vgpreload_helgrind-amd64-linux.so\n ...\n fun:worker\n}\n",
		"hmu");
	left("{\n n\n Helgrind:LockOrder\n fun:worker\n}\n", "chmu");
	left("{\n n\n Helgrind:LockOrder\n fun:*move*\n obj:/usr/lib/libpool.so.1\n}\n", "hmu");
	left("{\n n\n Helgrind:LockOrder\n ...\n src:pool.c:9\n}\n", "hmu");
	left("{\n n\n Helgrind:LockOrder\n ...\n src:pool.c:8\n}\n", "chmu");
	left("{\n n\n Helgrind:LockOrder\n fun:pthread_mutex_lock\n}\n", "chmu");
	left("{\n n\n Helgrind:FreeMemLock\n fun:free\n fun:check\n}\n", "chu");
	left("{\n n\n Helgrind:UnlockForeign\n fun:check\n}\n", "chmu");
	left("{\n n\n Memcheck,Helgrind:Misc\n fun:check\n}\n", "chu");
	left("{\n n\n Helgrind:Race\n ...\n}\n{\n o\n Memcheck:Leak\n match-leak-kinds: all\n fun:x\n}\n", "chmu");
}

/* Each finding is counted for the first that fits; the others are of no use. */
static void test_uses(void **state)
{
	struct world w = world_of("[cycles]\nkind = cycle\n\n[all]\nlock = *\n\n[none]\nlock = zz\n"
				  "deadlock:move\n");
	struct lockdag_suppression_use use;
	size_t n;

	(void)state;
	for (int i = 0; i < 2; i++) { /* counted anew each time */
		assert_int_equal(lockdag_suppressions_apply(w.s, w.m, w.f, &n), 0);
		assert_int_equal(n, i ? 0 : 2);
		assert_int_equal(lockdag_suppressions_n(w.s), 4);
		use = lockdag_suppressions_use(w.s, 0);
		assert_string_equal(use.name, "cycles");
		assert_string_equal(use.file, "s");
		assert_int_equal(use.line, 1);
		assert_int_equal(use.n, !i);
		assert_int_equal(lockdag_suppressions_use(w.s, 1).n, !i);
		assert_int_equal(lockdag_suppressions_use(w.s, 2).n, 0);
		use = lockdag_suppressions_use(w.s, 3);
		assert_string_equal(use.name, "deadlock:move");
		assert_int_equal(use.line, 9);
		assert_int_equal(use.n, 0);
	}
	world_done(&w);
}

static void refused(const char *text, unsigned line, const char *part)
{
	struct lockdag_suppress_error error = {0};
	struct lockdag_suppressions *s = NULL;

	assert_int_equal(lockdag_suppressions_new(&s), 0);
	assert_int_equal(lockdag_suppressions_parse(s, "f", text, strlen(text), &error), -EINVAL);
	assert_int_equal(error.line, line);
	assert_true(error.column > 0);
	if (!strstr(error.message, part))
		fail_msg("'%s' is not in '%s'", part, error.message);
	assert_int_equal(lockdag_suppressions_n(s), 0);
	lockdag_suppressions_free(s);
}

static void test_errors(void **state)
{
	(void)state;
	refused("[a]\nlock = x\nwhat\n", 3, "not understood");
	refused("lock = x\n", 1, "not understood");
	refused("[a\n", 1, "brackets");
	refused("[a]\n[b]\nlock = x\n", 1, "nothing follows [a]");
	refused("[a]\n", 1, "nothing follows");
	refused("[a]\ncolour = red\n", 2, "unknown key 'colour'");
	refused("[a]\nlock =\n", 2, "a value is missing");
	refused("[a]\nkind = race\n", 2, "kind is");
	refused("[a]\nrule = none-such\n", 2, "docs/misuse.md");
	refused("[a]\nid = 12\n", 2, "16 hexadecimal");
	refused("[a]\ngrade = bad\n", 2, "grade is");
	refused("deadlock:\n", 1, "pattern is missing");
	refused("{\n n\n Helgrind:LockOrder\n fun:x\n", 1, "no }");
	refused("{\n n\n}\n", 3, "TOOL:KIND");
	refused("{\n n\n what\n}\n", 3, "TOOL:KIND");
	refused("{\n n\n Helgrind:LockOrder\n fun x\n}\n", 4, "a frame is");
	refused("{\n n\n Helgrind:LockOrder\n}\n", 4, "one frame");
	refused("{ n\n", 1, "stands alone");
}

/* What is generated suppresses what it was generated from, and nothing else. */
static void test_generate(void **state)
{
	struct world w = world_of("");
	char *text = NULL;

	(void)state;
	assert_int_equal(lockdag_suppressions_generate(w.m, w.f, &text), 0);
	assert_non_null(strstr(text, "[from -> to -> from]\nkind = cycle\nid = "));
	assert_non_null(strstr(text, "rule = free-held\n"));
	assert_non_null(strstr(text, "# lock = from\n"));
	assert_non_null(strstr(text, "# function = bank::move(int)\n"));
	left(text, "u");
	free(text);
	world_done(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_own_form),
		cmocka_unit_test(test_names_with_brackets),
		cmocka_unit_test(test_happened_stays),
		cmocka_unit_test(test_tsan),
		cmocka_unit_test(test_valgrind),
		cmocka_unit_test(test_uses),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_generate),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
