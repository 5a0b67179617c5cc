/* SPDX-License-Identifier: MIT
 *
 * One graph from many reports: what is one cycle, what is one class, and where to cut. The reports are
 * written here, class by class, and read by the scanner.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/vec.h"
#include "core/core.h"
#include "kernel/kernel.h"

/* ------------------------------------------------------------------ reports from a few words */

/* One class of a chain, and the stack that takes it while the one before it is held: names of functions,
 * innermost first, with blanks between; "f@mod" is of a module. */
struct link {
	const char *class, *stack;
};

struct reports {
	LOCKDAG_VEC(struct lockdag_splat *) splats;
	struct lockdag_union *u;
};

static void add_stack(struct lockdag_text *t, const char *functions)
{
	lockdag_text_add(t, "       lock_acquire+0xb0/0x200\n");
	while (*functions) {
		size_t n = strcspn(functions, " ");
		const char *at = memchr(functions, '@', n);
		size_t name = at ? (size_t)(at - functions) : n;

		lockdag_text_addf(t, "       %.*s+0x14/0x80", (int)name, functions);
		if (at)
			lockdag_text_addf(t, " [%.*s]", (int)(n - name - 1), at + 1);
		lockdag_text_add(t, "\n");
		functions += n;
		functions += *functions == ' ';
	}
	lockdag_text_add(t, "\n");
}

/* "f@mod": the innermost function of a stack as an "at:". */
static void add_at(struct lockdag_text *t, const char *function)
{
	const char *at = strchr(function, '@');
	size_t n = strcspn(function, "@ ");

	lockdag_text_addf(t, "at: %.*s+0x14/0x80", (int)n, function);
	if (at && at < function + strcspn(function, " "))
		lockdag_text_addf(t, " [%.*s]", (int)strcspn(at + 1, " "), at + 1);
	lockdag_text_add(t, "\n");
}

/* A circular report: links[0] is asked for while the last one, which `holder` took, is held. */
static void circular(struct lockdag_text *t, const struct link *links, size_t n, const char *holder)
{
	lockdag_text_add(t,
		"======================================================\n"
		"WARNING: possible circular locking dependency detected\n6.1.0 #1 Not tainted\n"
		"------------------------------------------------------\n"
		"task/12 is trying to acquire lock:\n");
	lockdag_text_addf(t, "ffff888000001000 (%s){+.+.}-{3:3}, ", links[0].class);
	add_at(t, links[0].stack);
	lockdag_text_addf(t, "\nbut task is already holding lock:\nffff888000002000 (%s){+.+.}-{3:3}, ",
		links[n - 1].class);
	add_at(t, holder);
	lockdag_text_add(t, "\nwhich lock already depends on the new lock.\n\n\n"
			    "the existing dependency chain (in reverse order) is:\n\n");
	for (size_t i = n; i-- > 0;) {
		lockdag_text_addf(t, "-> #%zu (%s){+.+.}-{3:3}:\n", i, links[i].class);
		add_stack(t, links[i].stack);
	}
	lockdag_text_addf(t,
		"other info that might help us debug this:\n\n *** DEADLOCK ***\n\n"
		"1 lock held by task/12:\n #0: ffff888000002000 (%s){+.+.}-{3:3}, ",
		links[n - 1].class);
	add_at(t, holder);
	lockdag_text_add(t, "\nstack backtrace:\nCPU: 0 PID: 12 Comm: task Not tainted 6.1.0 #1\n"
			    "Call Trace:\n");
	add_stack(t, links[0].stack);
}

#define CIRCULAR(t, holder, ...)                                                                   \
	circular(t, (const struct link[]){__VA_ARGS__},                                            \
		sizeof((const struct link[]){__VA_ARGS__}) / sizeof(struct link), holder)

static int reports_splat(void *context, struct lockdag_splat *splat)
{
	struct reports *r = context;
	struct lockdag_splat **slot = lockdag_vec_push(&r->splats);

	assert_non_null(slot);
	*slot = splat;
	return 0;
}

/* Reads the text, which is freed, and solves. */
static void reports_solve(struct reports *r, struct lockdag_text *t)
{
	const struct lockdag_kernel_sink sink = {.splat = reports_splat, .context = r};
	struct lockdag_kernel_scanner *scanner;
	size_t n = t->n;
	char *s = lockdag_text_take(t);

	*r = (struct reports){.u = NULL};
	assert_non_null(s);
	assert_int_equal(lockdag_kernel_open(&sink, &scanner), 0);
	assert_int_equal(lockdag_kernel_begin(scanner, "test"), 0);
	assert_int_equal(lockdag_kernel_feed(scanner, s, n), 0);
	assert_int_equal(lockdag_kernel_end(scanner), 0);
	lockdag_kernel_close(scanner);
	free(s);
	assert_int_equal(lockdag_union_new(&r->u), 0);
	for (size_t i = 0; i < r->splats.n; i++)
		assert_int_equal(lockdag_union_add(r->u, r->splats.items[i]), 0);
	assert_int_equal(lockdag_union_solve(r->u), 0);
}

static void reports_done(struct reports *r)
{
	lockdag_union_free(r->u);
	for (size_t i = 0; i < r->splats.n; i++)
		lockdag_splat_free(r->splats.items[i]);
	lockdag_vec_clear(&r->splats);
}

static json_t *reports_json(struct reports *r)
{
	json_t *document = json_object();

	assert_int_equal(lockdag_union_json(r->u, 100, document), 0);
	return document;
}

static const char *string_at(json_t *o, const char *array, size_t i, const char *key)
{
	const char *s = json_string_value(
		json_object_get(json_array_get(json_object_get(o, array), i), key));

	assert_non_null(s);
	return s;
}

static json_t *part_at(json_t *o, const char *array, size_t i, const char *key)
{
	json_t *part = json_object_get(json_array_get(json_object_get(o, array), i), key);

	assert_non_null(part);
	return part;
}

static void expect_cut(json_t *o, size_t i, const char *from, const char *to, const char *kind)
{
	assert_string_equal(string_at(o, "cuts", i, "from"), from);
	assert_string_equal(string_at(o, "cuts", i, "to"), to);
	assert_string_equal(string_at(o, "cuts", i, "kind"), kind);
}

static size_t size_of(json_t *o, const char *array)
{
	return json_array_size(json_object_get(o, array));
}

/* ------------------------------------------------------------------ one cycle, one class */

static void whatever_edge_closed_it(void **state)
{
	struct lockdag_text t = {0};
	struct reports r;
	json_t *o;

	(void)state;
	CIRCULAR(&t, "hold_c", {"a", "take_a"}, {"b", "take_b"}, {"c", "take_c"});
	CIRCULAR(&t, "hold_a", {"b", "take_b"}, {"c", "take_c"}, {"a", "take_a"});
	/* Another one: the other way round. */
	CIRCULAR(&t, "hold_b", {"a", "take_a"}, {"c", "take_c"}, {"b", "take_b"});
	reports_solve(&r, &t);
	assert_int_equal(r.splats.n, 3);
	assert_true(lockdag_union_report_id(r.u, 0) == lockdag_union_report_id(r.u, 1));
	assert_true(lockdag_union_report_id(r.u, 0) != lockdag_union_report_id(r.u, 2));
	o = reports_json(&r);
	/* a -> b -> a and the like are made of edges of two reports. */
	for (size_t i = 0; i < size_of(o, "cycles"); i++)
		if (json_is_true(part_at(o, "cycles", i, "across_reports")))
			assert_int_equal(json_array_size(part_at(o, "cycles", i, "classes")), 2);
	assert_int_equal(json_array_size(part_at(o, "cycles", 0, "reports")), 2);
	assert_int_equal(json_array_size(part_at(o, "cycles", 1, "reports")), 1);
	json_decref(o);
	reports_done(&r);
}

static void names_over_time(void **state)
{
	struct lockdag_text t = {0};
	struct reports r;

	(void)state;
	CIRCULAR(&t, "f", {"&mm->mmap_sem", "take_a"}, {"(complete)&req.done", "take_b"},
		{"&sb->s_type->i_mutex_key#5", "take_c"}, {"cpu_hotplug_lock.rw_sem", "take_d"},
		{"(wq_completion)\"events\"", "take_e"}, {"&bdev->bd_mutex", "take_f"});
	CIRCULAR(&t, "f", {"&mm->mmap_lock", "take_a"}, {"(completion)&req.done", "take_b"},
		{"&sb->s_type->i_mutex_key#17", "take_c"}, {"cpu_hotplug_lock", "take_d"},
		{"(wq_completion)events", "take_e"}, {"&disk->open_mutex", "take_f"});
	CIRCULAR(&t, "f", {"&mm->mmap_lock", "take_a"}, {"(completion)&req.done", "take_b"},
		{"&sb->s_type->i_mutex_key#17/1", "take_c"}, {"cpu_hotplug_lock", "take_d"},
		{"(wq_completion)events", "take_e"}, {"&disk->open_mutex", "take_f"});
	reports_solve(&r, &t);
	assert_int_equal(r.splats.n, 3);
	assert_true(lockdag_union_report_id(r.u, 0) == lockdag_union_report_id(r.u, 1));
	/* A subclass is a class of its own. */
	assert_true(lockdag_union_report_id(r.u, 0) != lockdag_union_report_id(r.u, 2));
	reports_done(&r);
}

/* Two numbers in one report are two classes; in another boot they are other numbers. */
static void numbers_in_one_report(void **state)
{
	struct lockdag_text t = {0};
	struct reports r;
	json_t *o;

	(void)state;
	CIRCULAR(&t, "f", {"sb_writers#3", "take_a"}, {"&p->lock", "take_b"},
		{"sb_writers#14", "take_c"}, {"&q->lock", "take_d"});
	CIRCULAR(&t, "f", {"sb_writers#9", "take_a"}, {"&p->lock", "take_b"},
		{"sb_writers#4", "take_c"}, {"&q->lock", "take_d"});
	CIRCULAR(&t, "f", {"sb_writers#9", "take_a"}, {"&p->lock", "take_b"});
	reports_solve(&r, &t);
	o = reports_json(&r);
	assert_int_equal(json_array_size(part_at(o, "cycles", 0, "classes")), 4);
	assert_int_equal(json_array_size(part_at(o, "cycles", 0, "reports")), 2);
	assert_int_equal(json_array_size(part_at(o, "cycles", 1, "classes")), 2);
	assert_true(lockdag_union_report_id(r.u, 0) == lockdag_union_report_id(r.u, 1));
	json_decref(o);
	reports_done(&r);
}

static void cycles_across_reports(void **state)
{
	struct lockdag_text t = {0};
	struct reports r;
	json_t *o, *classes = NULL;

	(void)state;
	CIRCULAR(&t, "f", {"a", "take_a"}, {"b", "take_b"}, {"x", "take_x"});
	CIRCULAR(&t, "f", {"b", "take_b"}, {"c", "take_c"}, {"y", "take_y"});
	CIRCULAR(&t, "f", {"c", "take_c"}, {"a", "take_a"}, {"z", "take_z"});
	reports_solve(&r, &t);
	o = reports_json(&r);
	for (size_t i = 0; i < size_of(o, "cycles"); i++)
		if (json_is_true(part_at(o, "cycles", i, "across_reports")) &&
			json_array_size(part_at(o, "cycles", i, "classes")) == 3)
			classes = part_at(o, "cycles", i, "classes");
	assert_non_null(classes);
	for (size_t i = 0; i < 3; i++)
		assert_non_null(strstr("abc", json_string_value(json_array_get(classes, i))));
	json_decref(o);
	reports_done(&r);
}

/* ------------------------------------------------------------------ where to cut */

/* The driver calls into core code with its lock held: the call is what moves. */
static void cut_is_a_hoist(void **state)
{
	struct lockdag_text t = {0};
	struct reports r;
	json_t *o;

	(void)state;
	CIRCULAR(&t, "drv_init@drv",
		{"cpu_hotplug_lock", "cpus_read_lock alloc_workqueue drv_init@drv do_ioctl"},
		{"&dev->lock", "mutex_lock drv_cpu_up@drv cpuhp_invoke_callback"});
	reports_solve(&r, &t);
	o = reports_json(&r);
	expect_cut(o, 0, "&dev->lock", "cpu_hotplug_lock", "hoist");
	assert_non_null(strstr(string_at(o, "cuts", 0, "advice"),
		"in drv_init() [drv], call alloc_workqueue() (which takes cpu_hotplug_lock) before "
		"&dev->lock is taken"));
	json_decref(o);
	reports_done(&r);
}

/* One edge at two places: both have to be changed. */
static void edge_is_a_set_of_places(void **state)
{
	struct lockdag_text t = {0};
	struct reports r;
	json_t *o;

	(void)state;
	CIRCULAR(&t, "one@drv", {"b", "one@drv"}, {"a", "back"});
	CIRCULAR(&t, "two@drv", {"b", "two@drv"}, {"a", "back"});
	reports_solve(&r, &t);
	o = reports_json(&r);
	assert_int_equal(size_of(o, "cycles"), 1);
	for (size_t i = 0; i < size_of(o, "cuts"); i++) {
		bool twice = !strcmp(string_at(o, "cuts", i, "from"), "a");

		assert_int_equal(json_array_size(part_at(o, "cuts", i, "places")), twice ? 2 : 1);
		assert_int_equal(json_array_size(part_at(o, "cuts", i, "clears")), 1);
	}
	assert_string_equal(string_at(o, "cuts", 0, "from"), "b");
	assert_int_equal(json_integer_value(json_object_get(o, "cut_changes")), 1);
	json_decref(o);
	reports_done(&r);
}

/* Five drivers meet in one edge of core code, two in another. */
static void family_has_one_cut(void **state)
{
	static const char *const drivers[] = {"d1", "d2", "d3", "d4", "d5"};
	struct lockdag_text t = {0};
	struct reports r;
	json_t *o;

	(void)state;
	for (size_t i = 0; i < 5; i++) {
		char lock[16], stack[64];

		snprintf(lock, sizeof(lock), "&%s->lock", drivers[i]);
		snprintf(stack, sizeof(stack), "f_%s@%s", drivers[i], drivers[i]);
		CIRCULAR(&t, stack, {"cpu_hotplug_lock", stack},
			{"(completion)&req.done", "devtmpfs_create_node device_add"}, {lock, stack});
	}
	CIRCULAR(&t, "other", {"p", "other"}, {"q", "more"});
	reports_solve(&r, &t);
	o = reports_json(&r);
	assert_int_equal(size_of(o, "families"), 1);
	assert_int_equal(json_array_size(part_at(o, "families", 0, "reports")), 5);
	expect_cut(o, 0, "cpu_hotplug_lock", "(completion)&req.done", "wait-outside");
	assert_int_equal(json_array_size(part_at(o, "cuts", 0, "reports")), 5);
	assert_int_equal(json_array_size(part_at(o, "cuts", 0, "remaining_reports")), 1);
	assert_int_equal(json_integer_value(json_object_get(o, "cut_changes")), 2);
	assert_int_equal(json_integer_value(json_object_get(o, "cut_at_least")), 2);
	assert_true(json_is_true(json_object_get(o, "cut_exact")));
	json_decref(o);
	reports_done(&r);
}

/* Each driver calls the same core code under its lock's callback: where many do, the core code is changed. */
static void core_code_or_each_driver(void **state)
{
	static const char *const drivers[] = {"d1", "d2", "d3", "d4"};
	struct lockdag_text t = {0};
	struct reports r;
	json_t *o, *places;

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		char lock[16], own[64], up[96];

		snprintf(lock, sizeof(lock), "&%s->lock", drivers[i]);
		snprintf(own, sizeof(own), "f_%s@%s", drivers[i], drivers[i]);
		snprintf(up, sizeof(up), "devtmpfs_create_node device_add up_%s@%s", drivers[i], drivers[i]);
		CIRCULAR(&t, own, {"cpu_hotplug_lock", own}, {"(completion)&req.done", up}, {lock, own});
	}
	reports_solve(&r, &t);
	o = reports_json(&r);
	expect_cut(o, 0, "cpu_hotplug_lock", "(completion)&req.done", "wait-outside");
	places = part_at(o, "cuts", 0, "places");
	assert_int_equal(json_array_size(places), 1);
	assert_string_equal(
		json_string_value(json_object_get(json_array_get(places, 0), "function")),
		"devtmpfs_create_node");
	assert_int_equal(
		json_array_size(json_object_get(json_array_get(places, 0), "reports")), 4);
	json_decref(o);
	reports_done(&r);
}

/* Maps are no locks: nobody can take fs_reclaim earlier. */
static void maps_are_no_locks(void **state)
{
	struct lockdag_text t = {0};
	struct reports r;
	json_t *o;

	(void)state;
	CIRCULAR(&t, "stop", {"(&dev->timer)", "__timer_delete_sync stop"},
		{"&dev->lock", "_raw_spin_lock tick call_timer_fn"});
	reports_solve(&r, &t);
	o = reports_json(&r);
	expect_cut(o, 0, "&dev->lock", "(&dev->timer)", "wait-outside");
	json_decref(o);
	reports_done(&r);
	CIRCULAR(&t, "drv_alloc@drv", {"fs_reclaim", "kmem_cache_alloc drv_alloc@drv"},
		{"&drv->lock", "mutex_lock drv_shrink shrink_slab"});
	reports_solve(&r, &t);
	o = reports_json(&r);
	expect_cut(o, 0, "&drv->lock", "fs_reclaim", "allocation-scope");
	assert_string_equal(string_at(o, "cuts", 0, "to_is"), "memory reclaim");
	for (size_t i = 0; i < size_of(o, "cuts"); i++)
		assert_string_not_equal(string_at(o, "cuts", i, "kind"), "reorder");
	json_decref(o);
	reports_done(&r);
}

/* ------------------------------------------------------------------ other kinds */

static const char *const recursive_text =
	"============================================\n"
	"WARNING: possible recursive locking detected\n6.1.0 #1 Not tainted\n"
	"--------------------------------------------\n"
	"init/26 is trying to acquire lock:\n"
	"ff11000000661%s (&o->lock){+.+.}-{3:3}, at: f+0x2c/0x40\n\n"
	"but task is already holding lock:\n"
	"ff11000000661028 (&o->lock){+.+.}-{3:3}, at: f+0x20/0x40\n\n"
	"other info that might help us debug this:\n Possible unsafe locking scenario:\n\n"
	"       CPU0\n       ----\n  lock(&o->lock);\n  lock(&o->lock);\n\n *** DEADLOCK ***\n\n"
	"1 lock held by init/26:\n #0: ff11000000661028 (&o->lock){+.+.}-{3:3}, at: f+0x20/0x40\n\n"
	"stack backtrace:\nCPU: 0 PID: 26 Comm: init Not tainted 6.1.0 #1\nCall Trace:\n"
	" lock_acquire+0xcd/0x2d0\n f+0x2c/0x40\n\n";

static void recursion_by_instance(void **state)
{
	struct lockdag_text t = {0};
	struct reports r;
	json_t *o;

	(void)state;
	lockdag_text_addf(&t, recursive_text, "028");
	reports_solve(&r, &t);
	o = reports_json(&r);
	assert_int_equal(r.splats.n, 1);
	expect_cut(o, 0, "&o->lock", "&o->lock", "drop");
	json_decref(o);
	reports_done(&r);
	lockdag_text_addf(&t, recursive_text, "528");
	reports_solve(&r, &t);
	o = reports_json(&r);
	expect_cut(o, 0, "&o->lock", "&o->lock", "one-order");
	json_decref(o);
	reports_done(&r);
}

static void inconsistent_wants_interrupts_off(void **state)
{
	struct lockdag_text t = {0};
	struct reports r;
	json_t *o;

	(void)state;
	lockdag_text_add(&t,
		"================================\nWARNING: inconsistent lock state\n"
		"6.1.0 #1 Not tainted\n--------------------------------\n"
		"inconsistent {HARDIRQ-ON-W} -> {IN-HARDIRQ-W} usage.\n"
		"init/1 [HC1[1]:SC0[0]:HE0:SE1] takes:\n"
		"ffffffff818dd338 (sp_a){?...}-{3:3}, at: in_irq+0x10/0x20\n"
		"{HARDIRQ-ON-W} state was registered at:\n  lock_acquire+0xcd/0x2d0\n"
		"  _raw_spin_lock+0x32/0x80\n  with_irqs_on+0x10/0x30\n  ksys_write+0x60/0xd0\n"
		"irq event stamp: 100\nhardirqs last  enabled at (99): [<ffffffff81000000>] f+0x1/0x2\n\n"
		"other info that might help us debug this:\n Possible unsafe locking scenario:\n\n"
		"       CPU0\n       ----\n  lock(sp_a);\n  <Interrupt>\n    lock(sp_a);\n\n"
		" *** DEADLOCK ***\n\nno locks held by init/1.\n\nstack backtrace:\n"
		"CPU: 0 PID: 1 Comm: init Not tainted 6.1.0 #1\nCall Trace:\n in_irq+0x10/0x20\n\n");
	reports_solve(&r, &t);
	o = reports_json(&r);
	assert_int_equal(r.splats.n, 1);
	expect_cut(o, 0, "sp_a", "sp_a", "irq-off");
	assert_non_null(strstr(string_at(o, "cuts", 0, "advice"), "in with_irqs_on()"));
	assert_true(json_is_true(part_at(o, "cycles", 0, "interrupt")));
	json_decref(o);
	reports_done(&r);
}

/* A chain that was cut off gives edges, and no cycle. */
static void half_a_chain_is_no_cycle(void **state)
{
	struct lockdag_text t = {0};
	struct reports r;
	json_t *o;

	(void)state;
	CIRCULAR(&t, "f", {"a", "take_a"}, {"b", "take_b"}, {"c", "take_c"});
	t.n = (size_t)(strstr(t.s, "-> #0") - t.s);
	t.s[t.n] = 0;
	reports_solve(&r, &t);
	o = reports_json(&r);
	assert_int_equal(r.splats.n, 1);
	assert_int_equal(size_of(o, "cycles"), 0);
	assert_int_equal(size_of(o, "cuts"), 0);
	json_decref(o);
	reports_done(&r);
}

static char *what_if(struct reports *r, enum lockdag_union_change change, const char *what, int want)
{
	struct lockdag_text t = {0};

	assert_int_equal(lockdag_union_what_if(r->u, change, what, &t, NULL), want);
	return lockdag_text_take(&t);
}

/* Where a class is missing from the chain, its neighbours are no edge. */
static void a_gap_is_no_edge(void **state)
{
	struct lockdag_text t = {0}, whole = {0};
	struct reports r;
	char *from, *to;

	(void)state;
	CIRCULAR(&whole, "f", {"a", "take_a"}, {"b", "take_b"}, {"c", "take_c"}, {"d", "take_d"});
	from = strstr(whole.s, "-> #2");
	to = strstr(whole.s, "-> #1");
	assert_true(from && to);
	lockdag_text_add_n(&t, whole.s, (size_t)(from - whole.s));
	lockdag_text_add(&t, to);
	lockdag_text_clear(&whole);
	reports_solve(&r, &t);
	assert_int_equal(r.splats.n, 1);
	free(what_if(&r, LOCKDAG_UNION_WITHOUT, "a -> b", 0));
	free(what_if(&r, LOCKDAG_UNION_WITHOUT, "b -> d", -ENOENT));
	reports_done(&r);
}

/* ------------------------------------------------------------------ what if */

static void expect_what_if(struct reports *r, enum lockdag_union_change change, const char *what,
	const char *part, const char *other)
{
	char *s = what_if(r, change, what, 0);

	assert_non_null(strstr(s, part));
	assert_non_null(strstr(s, other));
	free(s);
}

static void what_would_be_left(void **state)
{
	struct lockdag_text t = {0};
	struct reports r;

	(void)state;
	CIRCULAR(&t, "f", {"a", "take_a"}, {"b", "take_b"}, {"c->d", "take_c"});
	CIRCULAR(&t, "g", {"a", "take_a"}, {"b", "take_b"}, {"&mm->mmap_sem", "take_e"});
	CIRCULAR(&t, "h", {"p", "take_p"}, {"q", "take_q"});
	reports_solve(&r, &t);
	expect_what_if(&r, LOCKDAG_UNION_WITHOUT, "a -> b", "2 of 3 cycles are gone", "p -> q -> p");
	expect_what_if(&r, LOCKDAG_UNION_WITHOUT, "b -> c->d", "1 of 3 cycles are gone", "2 left");
	expect_what_if(&r, LOCKDAG_UNION_WITHOUT, "b -> &mm->mmap_lock", "1 of 3 cycles are gone", "");
	expect_what_if(&r, LOCKDAG_UNION_REORDER, "p -> q", "1 of 3 cycles are gone",
		"closes no other cycle");
	expect_what_if(&r, LOCKDAG_UNION_SPLIT, "a", "2 of 3 cycles are gone", "never one lock");
	free(what_if(&r, LOCKDAG_UNION_WITHOUT, "b -> a", -ENOENT));
	free(what_if(&r, LOCKDAG_UNION_WITHOUT, "nonsense", -ENOENT));
	free(what_if(&r, LOCKDAG_UNION_SPLIT, "nobody", -ENOENT));
	reports_done(&r);
}

/* b before a everywhere would meet a -> x -> b, which another report shows. */
static void other_order_meets_another(void **state)
{
	struct lockdag_text t = {0};
	struct reports r;
	json_t *o;

	(void)state;
	CIRCULAR(&t, "f", {"b", "take_b"}, {"a", "take_a"});
	CIRCULAR(&t, "g", {"a", "take_a"}, {"x", "take_x"}, {"b", "take_b2"}, {"z", "take_z"});
	reports_solve(&r, &t);
	expect_what_if(&r, LOCKDAG_UNION_REORDER, "a -> b", "cycles are gone",
		"but the other order closes a -> x -> b -> a");
	o = reports_json(&r);
	for (size_t i = 0; i < size_of(o, "cuts"); i++)
		if (!strcmp(string_at(o, "cuts", i, "from"), "a") &&
			!strcmp(string_at(o, "cuts", i, "to"), "b"))
			assert_string_equal(string_at(o, "cuts", i, "meets"), "a -> x -> b");
	json_decref(o);
	reports_done(&r);
}

/* Who waits without the lock asks for no other order: nothing can be against it. */
static void a_wait_outside_meets_nothing(void **state)
{
	struct lockdag_text t = {0};
	struct reports r;
	bool found = false;
	json_t *o;

	(void)state;
	CIRCULAR(&t, "f", {"(work_completion)(&b)", "take_b"}, {"a", "take_a"});
	CIRCULAR(&t, "g", {"a", "take_a"}, {"x", "take_x"}, {"(work_completion)(&b)", "take_b2"},
		{"z", "take_z"});
	reports_solve(&r, &t);
	o = reports_json(&r);
	for (size_t i = 0; i < size_of(o, "cuts"); i++)
		if (!strcmp(string_at(o, "cuts", i, "from"), "a") &&
			!strcmp(string_at(o, "cuts", i, "to"), "(work_completion)(&b)")) {
			found = true;
			assert_string_equal(string_at(o, "cuts", i, "kind"), "wait-outside");
			assert_true(json_is_null(json_object_get(
				json_array_get(json_object_get(o, "cuts"), i), "meets")));
		}
	assert_true(found);
	json_decref(o);
	reports_done(&r);
}

static void known_reports_are_not_new(void **state)
{
	struct lockdag_text t = {0};
	struct reports r;

	(void)state;
	CIRCULAR(&t, "f", {"a", "take_a"}, {"b", "take_b"});
	CIRCULAR(&t, "g", {"p", "take_p"}, {"q", "take_q"});
	reports_solve(&r, &t);
	assert_int_equal(lockdag_union_n_new(r.u), 2);
	lockdag_union_set_known(r.u, 1);
	assert_int_equal(lockdag_union_n_new(r.u), 1);
	assert_false(lockdag_union_is_known(r.u, 0));
	assert_true(lockdag_union_is_known(r.u, 1));
	reports_done(&r);
}

/* As findings of core: the same cycle, the same id. */
static void model_has_the_same_ids(void **state)
{
	struct lockdag_findings *f = NULL;
	struct lockdag_model *m = NULL;
	struct lockdag_text t = {0};
	struct reports r;

	(void)state;
	CIRCULAR(&t, "f", {"a", "take_a"}, {"b", "take_b"}, {"c", "take_c"});
	reports_solve(&r, &t);
	assert_int_equal(lockdag_union_model(r.u, &m), 0);
	assert_int_equal(lockdag_core_find(m, NULL, &f), 0);
	assert_int_equal(f->n, 1);
	assert_int_equal(f->items[0].grade, LOCKDAG_POSSIBLE);
	assert_true(f->items[0].id == lockdag_union_report_id(r.u, 0));
	lockdag_findings_free(f);
	lockdag_model_free(m);
	reports_done(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(whatever_edge_closed_it),
		cmocka_unit_test(names_over_time), cmocka_unit_test(numbers_in_one_report),
		cmocka_unit_test(cycles_across_reports), cmocka_unit_test(cut_is_a_hoist),
		cmocka_unit_test(edge_is_a_set_of_places), cmocka_unit_test(family_has_one_cut),
		cmocka_unit_test(core_code_or_each_driver), cmocka_unit_test(maps_are_no_locks), cmocka_unit_test(recursion_by_instance),
		cmocka_unit_test(inconsistent_wants_interrupts_off),
		cmocka_unit_test(half_a_chain_is_no_cycle), cmocka_unit_test(a_gap_is_no_edge), cmocka_unit_test(what_would_be_left),
		cmocka_unit_test(other_order_meets_another),
		cmocka_unit_test(a_wait_outside_meets_nothing),
		cmocka_unit_test(known_reports_are_not_new),
		cmocka_unit_test(model_has_the_same_ids)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
