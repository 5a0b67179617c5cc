/* SPDX-License-Identifier: MIT
 *
 * The scanner by itself: pieces of any size, callbacks that refuse, memory that runs out.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/kernel.h"

void *__real_malloc(size_t n);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t n);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t n);

static size_t memory_left = SIZE_MAX; /* allocations that still succeed; SIZE_MAX: all */

static bool memory_fails(void)
{
	if (memory_left == SIZE_MAX)
		return false;
	return memory_left ? (memory_left--, false) : true;
}

void *__wrap_malloc(size_t n)
{
	return memory_fails() ? NULL : __real_malloc(n);
}

void *__wrap_calloc(size_t n, size_t size)
{
	return memory_fails() ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *p, size_t n)
{
	return memory_fails() ? NULL : __real_realloc(p, n);
}

static const char text[] =
	"Content-Transfer-Encoding: quoted-printable\n\nsome words\n"
	"BUG: sleeping function called from invalid context at a.c:1\n"
	"======================================================\n"
	"WARNING: possible circular locking dependency detected\n"
	"6.1.0 #1 Not tainted\n"
	"------------------------------------------------------\n"
	"some task/26 is trying to acquire lock:\n"
	"ffffffff818dd670 (lk_a){+.+.}-{4:4}, at: inner+0xe/0x20 [mod]\n"
	"\nbut task is already holding lock:\n"
	"ffffffff818dd530 (lk_b){+.+.}-{4:4}, at: outer+0xe/0x20\n"
	"\nthe existing dependency chain (in reverse order) is:\n"
	"\n-> #1 (lk_b){+.+.}-{4:4}:\n       lock_acquire+0xcd/0x2d0\n       down_read+0x1/0x2\n"
	"\n-> #0 (lk_a){+.+.}-{4:4}:\n       lock_acquire+0xcd/0x2d0\n       __mutex_lock+0x1/0x2\n"
	"\n Possible unsafe locking scenario:\n\n       CPU0                    CPU1\n"
	"  lock(lk_b);\n                               lock(lk_a);\n\n *** DEADLOCK ***\n\n"
	"1 lock held by some task/26:\n #0: ffffffff818dd530 (lk_b){+.+.}-{4:4}, at: "
	"outer+0xe/0x20\n"
	"\nstack backtrace:\nCPU: 3 PID: 26 Comm: some task Not tainted 6.1.0 #1\nCall Trace:\n "
	"f+0x1/0x2\n"
	"all lock classes:\n00000000aacd9c51 FD:    2 BD:    1 ++++: a\n -> [000000002eb1cc79] b\n";

struct found {
	struct lockdag_splat *splats[4];
	size_t n_splats, n_notes, n_graphs;
	int refuse; /* what callbacks return */
};

static int found_splat(void *context, struct lockdag_splat *splat)
{
	struct found *found = context;

	if (found->refuse || found->n_splats == LOCKDAG_ARRAY_SIZE(found->splats)) {
		lockdag_splat_free(splat);
		return found->refuse ? found->refuse : -ENOSPC;
	}
	found->splats[found->n_splats++] = splat;
	return 0;
}

static int found_note(void *context, const struct lockdag_splat_note *note)
{
	struct found *found = context;

	assert_int_equal(note->kind, LOCKDAG_NOTE_ATOMIC_SLEEP);
	assert_string_equal(note->file, "a file");
	found->n_notes++;
	return 0;
}

static int found_graph(void *context, struct lockdag_kgraph *graph)
{
	struct found *found = context;

	assert_int_equal(graph->n_edges, 1);
	found->n_graphs++;
	lockdag_kgraph_free(graph);
	return 0;
}

static void found_done(struct found *found)
{
	while (found->n_splats)
		lockdag_splat_free(found->splats[--found->n_splats]);
}

/* Reads the text in pieces of that many bytes. */
static int read_pieces(struct found *found, size_t piece)
{
	const struct lockdag_kernel_sink sink = {found_splat, found_note, found_graph, found};
	struct lockdag_kernel_scanner *scanner;
	int r = lockdag_kernel_open(&sink, &scanner);

	if (r < 0)
		return r;
	r = lockdag_kernel_begin(scanner, "a file");
	for (size_t at = 0; r == 0 && at < sizeof(text) - 1; at += piece) {
		size_t left = sizeof(text) - 1 - at;

		r = lockdag_kernel_feed(scanner, text + at, left < piece ? left : piece);
	}
	if (r == 0)
		r = lockdag_kernel_end(scanner);
	lockdag_kernel_close(scanner);
	return r;
}

static void the_record_is_right(const struct found *found)
{
	const struct lockdag_splat *s = found->splats[0];

	assert_int_equal(found->n_splats, 1);
	assert_int_equal(found->n_notes, 1);
	assert_int_equal(found->n_graphs, 1);
	assert_int_equal(s->kind, LOCKDAG_SPLAT_CIRCULAR);
	assert_int_equal(s->line, 6);
	assert_string_equal(s->comm, "some task");
	assert_int_equal(s->pid, 26);
	assert_int_equal(s->cpu, 3);
	assert_string_equal(s->acquiring.class.name, "lk_a");
	assert_string_equal(s->acquiring.at.module, "mod");
	assert_string_equal(s->holding.class.name, "lk_b");
	assert_int_equal(s->n_chain, 2);
	assert_true(s->chain_whole);
	assert_true(s->chain[1].lock.mode_known);
	assert_int_equal(s->chain[1].lock.mode, LOCKDAG_READ);
	assert_int_equal(s->chain[0].lock.mode, LOCKDAG_EXCLUSIVE);
	assert_int_equal(s->chain[0].stack.n, 2);
	assert_int_equal(s->holders[0].printed, 1);
	assert_int_equal(s->n_steps, 2);
	assert_int_equal(s->steps[1].cpu, 1);
	assert_int_equal(s->n_notes, 1);
	assert_true(s->complete);
}

static void pieces_of_any_size_give_the_same(void **state)
{
	(void)state;
	for (size_t piece = 1; piece <= sizeof(text); piece = piece < 80 ? piece + 1 : 2 * piece) {
		struct found found = {0};

		assert_int_equal(read_pieces(&found, piece), 0);
		the_record_is_right(&found);
		found_done(&found);
	}
}

static void a_callback_that_refuses_ends_the_reading(void **state)
{
	struct found found = {.refuse = -ECANCELED};

	(void)state;
	assert_int_equal(read_pieces(&found, 100), -ECANCELED);
	assert_int_equal(found.n_splats, 0);
}

static void each_allocation_fails(void **state)
{
	size_t n = 0;
	bool unspent;
	int r;

	(void)state;
	do {
		struct found found = {0};

		memory_left = n++;
		r = read_pieces(&found, 64);
		unspent = memory_left > 0;
		memory_left = SIZE_MAX;
		assert_true(r == 0 || r == -ENOMEM);
		if (r == 0 && unspent)
			the_record_is_right(&found);
		found_done(&found);
	} while (!unspent);
	assert_int_equal(r, 0);
	assert_true(n > 20);
}

static void masks_are_told_in_words(void **state)
{
	static const struct {
		bool bracketed;
		const char *usage;
		int wait;
		const char *words;
	} rows[] = {
		{false, "+.-.", 3, "hardirq on, softirq in"},
		{false, ".?..", -1, "hardirq on (read), hardirq in (read)"}, {false, "....", 3, ""},
		{true, "+.+.?.", -1, "hardirq on, softirq on, reclaim on, reclaim in"},
		{true, "--..", -1, "hardirq on, softirq on"}, /* a mutex, up to 2.6.28 */
		{true, "+...", -1, "hardirq in"},
		{true, "+.+.", 4, "hardirq on, softirq on"}, /* a BUG of today */
	};

	(void)state;
	for (size_t i = 0; i < LOCKDAG_ARRAY_SIZE(rows); i++) {
		const struct lockdag_splat splat = {.bracketed = rows[i].bracketed};
		const struct lockdag_kclass class = {
			.usage = rows[i].usage, .wait_outer = rows[i].wait};
		struct lockdag_text words = {0};

		lockdag_splat_usage_words(&splat, &class, &words);
		assert_string_equal(words.n ? words.s : "", rows[i].words);
		lockdag_text_clear(&words);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pieces_of_any_size_give_the_same),
		cmocka_unit_test(a_callback_that_refuses_ends_the_reading),
		cmocka_unit_test(each_allocation_fails),
		cmocka_unit_test(masks_are_told_in_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
