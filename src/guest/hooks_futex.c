/* SPDX-License-Identifier: MIT
 *
 * Futexes that a program waits for by libc's syscall(): C++20's latch, semaphores and atomic waits, whose
 * templates are compiled into the program. The word is the event. Who else waits so is seen here, too
 * (Rust's locks): the judge takes for events only what it knows by the names of its functions, and no
 * word that one thread has both waited for and woken others at, as a lock's is (cli/load_futex.c).
 *
 * All other system calls go their way as if nobody stood there: no stack of ours, no register changed.
 */
#include <dlfcn.h>
#include <linux/futex.h>
#include <string.h>
#include <sys/syscall.h>

#include "guest/hooks_event.h"

#define FUTEX_GLIB "libglib-2.0.so."

#pragma weak _dl_find_object

/* What libc's does; the number and six arguments, as in libc's. */
long guest_system_call(long number, ...);
long guest_futex_call(long number, uint32_t *word, int op, uint32_t value,
	const struct timespec *timeout, uint32_t *word2, uint32_t value3);

__asm__(".text\n"
	".globl syscall\n"
	".type syscall, @function\n"
	"syscall:\n"
	"	.cfi_startproc\n"
	"	cmpq $202, %rdi\n" /* SYS_futex */
	"	je guest_futex_call\n"
	"	jmp guest_system_call\n"
	"	.cfi_endproc\n"
	".size syscall, .-syscall\n"
	".hidden guest_system_call\n"
	".type guest_system_call, @function\n"
	"guest_system_call:\n"
	"	.cfi_startproc\n"
	"	movq %rdi, %rax\n"
	"	movq %rsi, %rdi\n"
	"	movq %rdx, %rsi\n"
	"	movq %rcx, %rdx\n"
	"	movq %r8, %r10\n"
	"	movq %r9, %r8\n"
	"	movq 8(%rsp), %r9\n"
	"	syscall\n"
	"	cmpq $-4095, %rax\n"
	"	jae 1f\n"
	"	ret\n"
	"1:	negl %eax\n"
	"	pushq %rax\n"
	"	.cfi_adjust_cfa_offset 8\n"
	"	call *__errno_location@GOTPCREL(%rip)\n"
	"	popq %rcx\n"
	"	.cfi_adjust_cfa_offset -8\n"
	"	movl %ecx, (%rax)\n"
	"	movq $-1, %rax\n"
	"	ret\n"
	"	.cfi_endproc\n"
	".size guest_system_call, .-guest_system_call\n");

/* ------------------------------------------------------------------ who waits, who wakes */

enum { FUTEX_WORDS = 1024, FUTEX_THREADS = 4 };

/* By key; threads as their rows + 1. */
static struct futex_word {
	uint32_t key; /* row + 1; 0: free */
	uint32_t waiters[FUTEX_THREADS], wakers[FUTEX_THREADS];
} futex_words[FUTEX_WORDS];

/* Puts the thread among those; false: there is no room. */
static bool futex_note(uint32_t *threads, uint32_t thread)
{
	for (int i = 0; i < FUTEX_THREADS; i++) {
		uint32_t there = lockdag_load_relaxed(&threads[i]);

		if (there == thread || (!there && lockdag_cas_acq_rel(&threads[i], &there, thread)) ||
			there == thread)
			return true;
	}
	return false;
}

static bool futex_is_among(const uint32_t *threads, uint32_t thread)
{
	for (int i = 0; i < FUTEX_THREADS; i++)
		if (lockdag_load_relaxed(&threads[i]) == thread)
			return true;
	return false;
}

/* One thread does both, or it is not known: says so for good. */
static void futex_use(const struct lockdag_block *t, uint32_t key, bool wakes)
{
	struct futex_word *w = &futex_words[LOCKDAG_KEY_ROW(key) % FUTEX_WORDS];
	struct lockdag_session_key *row = guest_key_row(key);
	uint32_t owner = lockdag_load_relaxed(&w->key), wanted = LOCKDAG_KEY_ROW(key) + 1;
	bool mine = owner == wanted ||
		(!owner && lockdag_cas_acq_rel(&w->key, &owner, wanted)) || owner == wanted;

	if (!(lockdag_load_relaxed(&row->flags) & LOCKDAG_KEY_FUTEX))
		lockdag_or_relaxed(&row->flags, LOCKDAG_KEY_FUTEX);
	if (lockdag_load_relaxed(&row->flags) & LOCKDAG_KEY_BOTH_WAYS)
		return;
	if (!mine || !futex_note(wakes ? w->wakers : w->waiters, t->thread + 1) ||
		futex_is_among(wakes ? w->waiters : w->wakers, t->thread + 1))
		lockdag_or_relaxed(&row->flags, LOCKDAG_KEY_BOTH_WAYS);
}

/* ------------------------------------------------------------------ the call */

static uint32_t futex_ms(int op, const struct timespec *timeout)
{
	if ((op & FUTEX_CMD_MASK) == FUTEX_WAIT)
		return timeout->tv_sec > INT32_MAX / 1000
			? INT32_MAX
			: (uint32_t)(timeout->tv_sec * 1000 + timeout->tv_nsec / 1000000);
	return guest_until_ms(op & FUTEX_CLOCK_REALTIME ? CLOCK_REALTIME : CLOCK_MONOTONIC, timeout);
}

/* GLib's mutexes and conditions have hooks of their own. */
static bool futex_is_glib(uint64_t ip)
{
	static const struct link_map *other; /* the last one that was none */
	static const char name[] = FUTEX_GLIB;
	struct dl_find_object object;
	const char *file;

	if (!_dl_find_object || _dl_find_object((void *)ip, &object))
		return false;
	if (object.dlfo_link_map == lockdag_load_relaxed(&other))
		return false;
	file = object.dlfo_link_map->l_name;
	for (const char *p = file; *p; p++)
		file = *p == '/' ? p + 1 : file;
	if (!strncmp(file, name, sizeof(name) - 1))
		return true;
	lockdag_store_relaxed(&other, object.dlfo_link_map);
	return false;
}

/* Has the word a key that is none of ours: a future's, say, whose own hooks are what calls? */
static bool futex_is_known(const uint32_t *word)
{
	uint32_t key;

	return guest_lookup(word, LOCKDAG_LOCK_EVENT, &key) &&
		!(lockdag_load_relaxed(&guest_key_row(key)->flags) & LOCKDAG_KEY_FUTEX);
}

/* The word's key; false: it is part of something that has hooks of its own, which may be what calls. */
static bool futex_key(
	struct lockdag_block *t, const uint32_t *word, struct guest_site site, uint32_t *ret_key)
{
	return t && word && !((uintptr_t)word & 3) && !lockdag_load_relaxed(&t->waiting) &&
		!futex_is_glib(site.ip) && !futex_is_known(word) &&
		guest_event_key(t, word, LOCKDAG_LOCK_EVENT, site, ret_key) &&
		guest_class_row(guest_key_row(*ret_key)->class_id)->type == LOCKDAG_LOCK_EVENT;
}

/* Announces the wait, if it is one: the word is what the caller has seen. */
static struct lockdag_block *futex_begin(uint32_t *word, int op, uint32_t value,
	const struct timespec *timeout, struct guest_site site, uint32_t *ret_key)
{
	struct lockdag_block *t = guest_ready();

	if (!t || (uintptr_t)word & 3 || lockdag_load_relaxed(word) != value ||
		!futex_key(t, word, site, ret_key))
		return NULL;
	futex_use(t, *ret_key, false);
	guest_event_wait(t, word, *ret_key, LOCKDAG_KEY_NONE, timeout ? GUEST_TIMED : 0,
		timeout ? futex_ms(op, timeout) : 0, 0, site);
	guest_event_is_shared(t); /* the kernel, or another process, may wake it */
	return t;
}

static void futex_wake(const uint32_t *word, struct guest_site site)
{
	struct lockdag_block *t = guest_ready();
	uint32_t key;

	if (!futex_key(t, word, site, &key))
		return;
	futex_use(t, key, true);
	guest_event_signal(t, word, key, site);
	guest_point_set(t, key, site.sp);
}

__attribute__((used)) long guest_futex_call(long number, uint32_t *word, int op, uint32_t value,
	const struct timespec *timeout, uint32_t *word2, uint32_t value3)
{
	const struct guest_site site = GUEST_SITE();
	struct lockdag_block *t = NULL;
	uint32_t key = LOCKDAG_KEY_NONE;
	long r;

	switch (op & FUTEX_CMD_MASK) {
	case FUTEX_WAIT:
	case FUTEX_WAIT_BITSET:
		t = futex_begin(word, op, value, timeout, site, &key);
		break;
	case FUTEX_WAKE:
	case FUTEX_WAKE_BITSET:
		futex_wake(word, site);
		break;
	default:
		break;
	}
	r = guest_system_call(number, word, op, value, timeout, word2, value3);
	if (t && guest_ready() == t) {
		guest_event_waited(t);
		/* Of a latch, which is all that the judge takes this of, a wait that is over too early is made again. */
		guest_point_got(t, key, site.sp);
	}
	return r;
}
