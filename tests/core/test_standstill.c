/* SPDX-License-Identifier: MIT
 *
 * The verdict on who waits for whom: each closed one beside one that differs in the one thing that
 * keeps it open.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/core.h"

struct still {
	struct lockdag_standstill *s;
};

static void still_init(struct still *x, size_t n)
{
	assert_int_equal(lockdag_standstill_new(&x->s), 0);
	struct lockdag_still_process *p = lockdag_vec_push(&x->s->processes);

	assert_non_null(p);
	*p = (struct lockdag_still_process){.pid = 100, .name = "p", .whole = true};
	for (size_t i = 0; i < n; i++) {
		struct lockdag_still_thread *t = lockdag_vec_push(&x->s->threads);

		assert_non_null(t);
		*t = (struct lockdag_still_thread){.tid = 100 + (int)i, .state = 'S', .since_ms = -1,
			.kind = LOCKDAG_STILL_RUNNING, .lock = LOCKDAG_NONE, .joins = LOCKDAG_NONE,
			.sure = true};
	}
}

static uint32_t still_lock(struct still *x, const char *name)
{
	struct lockdag_still_lock *l = lockdag_vec_push(&x->s->locks);

	assert_non_null(l);
	*l = (struct lockdag_still_lock){.type = "mutex", .name = name, .owner = LOCKDAG_NONE};
	return (uint32_t)x->s->locks.n - 1;
}

/* Thread waits for lock; who may end it. */
static struct lockdag_still_thread *still_wait(struct still *x, uint32_t thread,
	enum lockdag_wait_kind kind, uint32_t lock, enum lockdag_rescuer_who who, uint32_t index)
{
	struct lockdag_still_thread *t = &x->s->threads.items[thread];
	bool exact = who == LOCKDAG_RESCUER_THREAD || who == LOCKDAG_RESCUER_GONE;

	t->kind = kind;
	t->lock = lock;
	if (kind == LOCKDAG_STILL_JOIN)
		t->joins = index;
	assert_int_equal(lockdag_standstill_add_rescuer(x->s, t,
				 &(struct lockdag_rescuer){.who = who, .index = index, .exact = exact}),
		0);
	return t;
}

static void still_is(struct still *x, enum lockdag_verdict verdict, const char *sentence)
{
	assert_int_equal(lockdag_standstill_judge(x->s), 0);
	assert_string_equal(lockdag_verdict_word(x->s->verdict), lockdag_verdict_word(verdict));
	if (sentence)
		assert_string_equal(x->s->sentence, sentence);
	lockdag_standstill_free(x->s);
}

static void still_two(struct still *x)
{
	uint32_t a, b;

	still_init(x, 3);
	a = still_lock(x, "a");
	b = still_lock(x, "b");
	still_wait(x, 0, LOCKDAG_STILL_JOIN, LOCKDAG_NONE, LOCKDAG_RESCUER_THREAD, 1);
	still_wait(x, 1, LOCKDAG_STILL_MUTEX, b, LOCKDAG_RESCUER_THREAD, 2);
	still_wait(x, 2, LOCKDAG_STILL_MUTEX, a, LOCKDAG_RESCUER_THREAD, 1);
}

static void test_two_mutexes(void **state)
{
	struct still x;

	(void)state;
	still_two(&x);
	assert_int_equal(lockdag_standstill_judge(x.s), 0);
	assert_int_equal(x.s->cycles.n, 1);
	assert_int_equal(x.s->cycles.items[0].n, 2);
	assert_true(x.s->threads.items[0].stuck); /* it waits behind the circle */
	still_is(&x, LOCKDAG_VERDICT_DEADLOCK,
		"thread 101 waits for b, held by thread 102, which waits for a, held by thread 101");
}

static void test_two_mutexes_timed(void **state)
{
	struct still x;

	(void)state;
	still_two(&x);
	x.s->threads.items[2].timed = true;
	still_is(&x, LOCKDAG_VERDICT_BLOCKED, NULL);
}

static void test_two_mutexes_unsure(void **state)
{
	struct still x;

	(void)state;
	still_two(&x);
	x.s->threads.items[1].sure = false;
	still_is(&x, LOCKDAG_VERDICT_BLOCKED, NULL);
}

static void test_owner_runs(void **state)
{
	struct still x;

	(void)state;
	still_two(&x);
	x.s->threads.items[2].kind = LOCKDAG_STILL_RUNNING;
	still_is(&x, LOCKDAG_VERDICT_BLOCKED,
		"thread 101 waits for b, held by thread 102, which is running");
}

static void test_relock(void **state)
{
	struct still x;

	(void)state;
	still_init(&x, 1);
	still_wait(&x, 0, LOCKDAG_STILL_MUTEX, still_lock(&x, "a"), LOCKDAG_RESCUER_THREAD, 0);
	still_is(&x, LOCKDAG_VERDICT_DEADLOCK, "thread 100 waits for a, which it holds itself");
}

/* 1 holds a and waits for a post; 2 would post, but wants a first. */
static void still_post(struct still *x)
{
	still_init(x, 3);
	still_lock(x, "a");
	still_lock(x, "done");
	still_wait(x, 0, LOCKDAG_STILL_JOIN, LOCKDAG_NONE, LOCKDAG_RESCUER_THREAD, 1);
	still_wait(x, 2, LOCKDAG_STILL_MUTEX, 0, LOCKDAG_RESCUER_THREAD, 1);
	still_wait(x, 1, LOCKDAG_STILL_SEMAPHORE, 1, LOCKDAG_RESCUER_PROCESS, 0);
}

static void test_nobody_left_to_post(void **state)
{
	struct still x;

	(void)state;
	still_post(&x);
	still_is(&x, LOCKDAG_VERDICT_DEADLOCK,
		"thread 102 waits for a, held by thread 101, which waits for a post of done, which is "
		"left to thread 102");
}

static void test_one_left_to_post(void **state)
{
	struct still x;

	(void)state;
	still_post(&x);
	x.s->threads.items[0].kind = LOCKDAG_STILL_SLEEP;
	still_is(&x, LOCKDAG_VERDICT_BLOCKED, NULL);
}

static void test_unseen_threads_may_post(void **state)
{
	struct still x;

	(void)state;
	still_post(&x);
	x.s->processes.items[0].whole = false;
	still_is(&x, LOCKDAG_VERDICT_BLOCKED, NULL);
}

static void test_handler_may_post(void **state)
{
	struct still x;

	(void)state;
	still_post(&x);
	assert_int_equal(lockdag_standstill_add_rescuer(x.s, &x.s->threads.items[1],
				 &(struct lockdag_rescuer){.who = LOCKDAG_RESCUER_HANDLER}),
		0);
	still_is(&x, LOCKDAG_VERDICT_STUCK, NULL);
}

static void test_all_wait_for_events(void **state)
{
	struct still x;

	(void)state;
	still_init(&x, 2);
	still_lock(&x, "go");
	still_wait(&x, 0, LOCKDAG_STILL_JOIN, LOCKDAG_NONE, LOCKDAG_RESCUER_THREAD, 1);
	still_wait(&x, 1, LOCKDAG_STILL_CONDITION, 0, LOCKDAG_RESCUER_PROCESS, 0);
	still_is(&x, LOCKDAG_VERDICT_DEADLOCK,
		"thread 101 waits for a signal to go, all 2 threads wait, and none is left to wake it");
}

/* One of them sleeps for a time, polls, may be woken by a handler, or is in a process with more threads. */
static void test_one_is_left_to_wake(void **state)
{
	struct still x;

	(void)state;
	for (int how = 0; how < 4; how++) {
		still_init(&x, 2);
		still_lock(&x, "go");
		still_wait(&x, 0, LOCKDAG_STILL_CONDITION, 0, LOCKDAG_RESCUER_PROCESS, 0);
		if (how == 0)
			x.s->threads.items[1].kind = LOCKDAG_STILL_SLEEP;
		else if (how == 1)
			x.s->threads.items[1].kind = LOCKDAG_STILL_POLL;
		else
			still_wait(&x, 1, LOCKDAG_STILL_SEMAPHORE, 0, LOCKDAG_RESCUER_PROCESS, 0);
		if (how == 2)
			assert_int_equal(lockdag_standstill_add_rescuer(x.s, &x.s->threads.items[1],
						 &(struct lockdag_rescuer){
							 .who = LOCKDAG_RESCUER_HANDLER}),
				0);
		x.s->processes.items[0].whole = how != 3;
		still_is(&x,
			how == 0   ? LOCKDAG_VERDICT_RUNNING
			: how == 2 ? LOCKDAG_VERDICT_STUCK
				   : LOCKDAG_VERDICT_OUTSIDE,
			NULL);
	}
}

static void test_owner_gone(void **state)
{
	struct still x;

	(void)state;
	still_init(&x, 1);
	still_wait(&x, 0, LOCKDAG_STILL_MUTEX, still_lock(&x, "a"), LOCKDAG_RESCUER_GONE, 0);
	still_is(&x, LOCKDAG_VERDICT_ORPHAN, "thread 100 waits for a, whose owner is gone");
}

/* Whoever holds it must let go, all of them: one that is stuck is enough. */
static void test_all_readers(void **state)
{
	struct still x;

	(void)state;
	for (int all = 0; all < 2; all++) {
		struct lockdag_still_thread *t;

		still_init(&x, 3);
		still_lock(&x, "rw");
		still_lock(&x, "a");
		t = still_wait(&x, 0, LOCKDAG_STILL_RWLOCK, 0, LOCKDAG_RESCUER_THREAD, 1);
		assert_int_equal(lockdag_standstill_add_rescuer(x.s, t,
					 &(struct lockdag_rescuer){.who = LOCKDAG_RESCUER_THREAD,
						 .index = 2, .exact = true}),
			0);
		t->all = all;
		still_wait(&x, 1, LOCKDAG_STILL_MUTEX, 1, LOCKDAG_RESCUER_THREAD, 0);
		still_is(&x, all ? LOCKDAG_VERDICT_DEADLOCK : LOCKDAG_VERDICT_BLOCKED, NULL);
	}
}

static void test_outside(void **state)
{
	struct still x;

	(void)state;
	still_init(&x, 1);
	x.s->threads.items[0].kind = LOCKDAG_STILL_READ;
	x.s->threads.items[0].what = "/dev/pts/1";
	still_is(&x, LOCKDAG_VERDICT_OUTSIDE, "thread 100 reads from /dev/pts/1");
	still_init(&x, 1);
	still_is(&x, LOCKDAG_VERDICT_RUNNING, "thread 100 is running");
}

/* A shell (0, of process 0) waits for the end of a command (1, of process 1). */
static void still_shell(struct still *x, enum lockdag_wait_kind command)
{
	struct lockdag_still_process *p;

	still_init(x, 2);
	p = lockdag_vec_push(&x->s->processes);
	assert_non_null(p);
	*p = (struct lockdag_still_process){.pid = 101, .name = "cat", .whole = true};
	x->s->threads.items[1].process = 1;
	x->s->threads.items[1].kind = command;
	x->s->threads.items[1].what = "/dev/pts/1";
	still_wait(x, 0, LOCKDAG_STILL_CHILD, LOCKDAG_NONE, LOCKDAG_RESCUER_PROCESS, 1);
	x->s->rescuers.items[0].exact = true;
	x->s->threads.items[0].what = "process 101";
}

/* A chain of waits is what its end is: outside where that reads from a terminal, blocked where that
 * may go on by itself. */
static void test_chain_to_the_outside(void **state)
{
	struct still x;

	(void)state;
	still_shell(&x, LOCKDAG_STILL_READ);
	still_is(&x, LOCKDAG_VERDICT_OUTSIDE,
		"thread 100 waits for the end of process 101, that is thread 101, which reads from "
		"/dev/pts/1");
	still_shell(&x, LOCKDAG_STILL_SLEEP);
	still_is(&x, LOCKDAG_VERDICT_BLOCKED, NULL);
	still_shell(&x, LOCKDAG_STILL_RUNNING);
	still_is(&x, LOCKDAG_VERDICT_BLOCKED, NULL);
}

/* It has ended: the shell, stopped before it was told, goes on. */
static void test_child_has_ended(void **state)
{
	struct still x;

	(void)state;
	still_shell(&x, LOCKDAG_STILL_SYSTEM_CALL);
	x.s->threads.items[1].state = 'Z';
	assert_int_equal(lockdag_standstill_judge(x.s), 0);
	assert_false(x.s->threads.items[0].stuck);
	assert_int_not_equal(x.s->verdict, LOCKDAG_VERDICT_DEADLOCK);
	lockdag_standstill_free(x.s);
}

/* The command reads from a pipe, whose other end is with somebody who is no row. */
static void test_chain_through_a_pipe(void **state)
{
	struct still x;

	(void)state;
	for (int seen = 0; seen < 2; seen++) {
		still_shell(&x, LOCKDAG_STILL_PIPE_READ);
		still_wait(&x, 1, LOCKDAG_STILL_PIPE_READ, LOCKDAG_NONE, LOCKDAG_RESCUER_OUTSIDE, 0);
		x.s->rescuers.items[1].tid = seen ? 0 : 4711; /* a process that was not looked at */
		still_is(&x, seen ? LOCKDAG_VERDICT_OUTSIDE : LOCKDAG_VERDICT_BLOCKED, NULL);
	}
}

/* The command polls a pipe, whose other end is with one who runs, or who waits for the outside. */
static void test_chain_through_a_poll(void **state)
{
	struct still x;

	(void)state;
	for (int runs = 0; runs < 2; runs++) {
		struct lockdag_still_thread *t;

		still_shell(&x, LOCKDAG_STILL_POLL);
		t = lockdag_vec_push(&x.s->threads);
		assert_non_null(t);
		*t = x.s->threads.items[0];
		t->tid = 102;
		t->n_rescuers = 0;
		t->kind = runs ? LOCKDAG_STILL_RUNNING : LOCKDAG_STILL_READ;
		still_wait(&x, 1, LOCKDAG_STILL_POLL, LOCKDAG_NONE, LOCKDAG_RESCUER_THREAD, 2);
		still_is(&x, runs ? LOCKDAG_VERDICT_BLOCKED : LOCKDAG_VERDICT_OUTSIDE, NULL);
	}
}

/* Whoever has a lock should let it go, also one who reads from a terminal meanwhile. */
static void test_chain_of_a_lock(void **state)
{
	struct still x;

	(void)state;
	still_shell(&x, LOCKDAG_STILL_READ);
	x.s->threads.items[0].n_rescuers = 0;
	x.s->rescuers.n = 0;
	still_wait(&x, 0, LOCKDAG_STILL_MUTEX, still_lock(&x, "a"), LOCKDAG_RESCUER_THREAD, 1);
	still_is(&x, LOCKDAG_VERDICT_BLOCKED, NULL);
}

/* The finding of a hang, without what another run has otherwise: numbers of threads, addresses. */
static uint64_t still_id(int first_tid, const char *lock)
{
	struct lockdag_findings *f = calloc(1, sizeof(*f));
	struct still x;
	uint64_t id;

	assert_non_null(f);
	still_init(&x, 2);
	for (int i = 0; i < 2; i++)
		x.s->threads.items[i].tid = first_tid + i;
	x.s->threads.items[1].name = "worker";
	still_wait(&x, 0, LOCKDAG_STILL_JOIN, LOCKDAG_NONE, LOCKDAG_RESCUER_THREAD, 1);
	still_wait(&x, 1, LOCKDAG_STILL_MUTEX, still_lock(&x, lock), LOCKDAG_RESCUER_THREAD, 0);
	assert_int_equal(lockdag_standstill_judge(x.s), 0);
	assert_int_equal(lockdag_findings_add_hang(f, x.s), 0);
	assert_int_equal(f->n, 1);
	id = f->items[0].id;
	lockdag_findings_free(f);
	lockdag_standstill_free(x.s);
	return id;
}

static void test_id_of_a_hang(void **state)
{
	uint64_t one = still_id(100, "mutex 0x7f0010 asked for at bank+0x12a0");

	(void)state;
	assert_true(one == still_id(4711, "mutex 0x55aa20 asked for at bank+0x12a0"));
	assert_true(one != still_id(100, "semaphore 0x7f0010 asked for at bank+0x12a0"));
}

/* Rows that refer to nothing are "not known", and nothing is concluded from them. */
static void test_broken_rows(void **state)
{
	struct still x;

	(void)state;
	still_init(&x, 2);
	still_wait(&x, 0, LOCKDAG_STILL_MUTEX, 77, LOCKDAG_RESCUER_THREAD, 99);
	still_wait(&x, 1, LOCKDAG_STILL_CONDITION, 77, LOCKDAG_RESCUER_PROCESS, 99);
	still_is(&x, LOCKDAG_VERDICT_BLOCKED, NULL);
}

/* A circle over many threads, and many behind it. */
static void test_many(void **state)
{
	const uint32_t n = 5000;
	struct still x;

	(void)state;
	still_init(&x, n);
	for (uint32_t i = 0; i < n; i++)
		still_wait(&x, i, LOCKDAG_STILL_MUTEX, still_lock(&x, "m"), LOCKDAG_RESCUER_THREAD,
			i < n / 2 ? (i + 1) % (n / 2) : i - 1);
	assert_int_equal(lockdag_standstill_judge(x.s), 0);
	assert_int_equal(x.s->cycles.n, 1);
	assert_int_equal(x.s->cycles.items[0].n, n / 2);
	still_is(&x, LOCKDAG_VERDICT_DEADLOCK, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_two_mutexes),
		cmocka_unit_test(test_two_mutexes_timed),
		cmocka_unit_test(test_two_mutexes_unsure),
		cmocka_unit_test(test_owner_runs),
		cmocka_unit_test(test_relock),
		cmocka_unit_test(test_nobody_left_to_post),
		cmocka_unit_test(test_one_left_to_post),
		cmocka_unit_test(test_unseen_threads_may_post),
		cmocka_unit_test(test_handler_may_post),
		cmocka_unit_test(test_all_wait_for_events),
		cmocka_unit_test(test_one_is_left_to_wake),
		cmocka_unit_test(test_owner_gone),
		cmocka_unit_test(test_all_readers),
		cmocka_unit_test(test_outside),
		cmocka_unit_test(test_chain_to_the_outside),
		cmocka_unit_test(test_child_has_ended),
		cmocka_unit_test(test_chain_through_a_pipe),
		cmocka_unit_test(test_chain_through_a_poll),
		cmocka_unit_test(test_chain_of_a_lock),
		cmocka_unit_test(test_id_of_a_hang),
		cmocka_unit_test(test_broken_rows),
		cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
