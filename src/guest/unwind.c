/* SPDX-License-Identifier: MIT
 *
 * A stack walk for the registers that a function keeps for its caller. What one return address needs
 * to be stepped over is a *rule* (unwind_table.c); rules are kept in a small table, so that a stack
 * walked before costs a look-up a frame.
 *
 * Rules table: a slot is written under its own version (odd: being written), which a reader must
 * see even and unchanged around its copy. A writer that finds it odd goes without.
 */
#include "guest/unwind_rule.h"

#include "base/atomic.h"
#include "base/hash.h"

#define UNWIND_SLOTS 2048

static struct unwind_rule unwind_rules[UNWIND_SLOTS];
static uint64_t unwind_epoch; /* mixed into a slot's ip: a new epoch empties the table */

/* ------------------------------------------------------------------ rules seen before */

/* The rule for ip. One that could not be made is kept as well: UNWIND_CFA_NONE. */
static void unwind_rule_for(uint64_t ip, struct unwind_rule *ret_rule)
{
	uint64_t key = ip ^ lockdag_load_relaxed(&unwind_epoch) << 48;
	struct unwind_rule *slot = &unwind_rules[lockdag_hash_mix(ip) % UNWIND_SLOTS];
	uint32_t version = lockdag_load_acquire(&slot->version); /* pairs with: the release below */

	if (!(version & 1) && lockdag_load_relaxed(&slot->ip) == key) {
		*ret_rule = *slot;
		__atomic_thread_fence(__ATOMIC_ACQUIRE); /* pairs with: the CAS below */
		if (lockdag_load_relaxed(&slot->version) == version)
			return;
	}
	if (!unwind_make_rule(ip, ret_rule))
		*ret_rule = (struct unwind_rule){ .cfa_from = UNWIND_CFA_NONE };
	version = lockdag_load_relaxed(&slot->version);
	if (!(version & 1) && lockdag_cas_acq_rel(&slot->version, &version, version + 1)) {
		uint32_t next = version + 2;

		ret_rule->version = version + 1;
		ret_rule->ip = key;
		*slot = *ret_rule;
		lockdag_store_release(&slot->version, next); /* pairs with: the load at the top */
	}
}

void guest_unwind_forget(void)
{
	lockdag_add_relaxed(&unwind_epoch, 1);
}

/* ------------------------------------------------------------------ the walk */

struct unwind_walk {
	struct guest_registers now;
	uint64_t low, high;
};

static bool unwind_load(const struct unwind_walk *w, uint64_t address, uint64_t *ret_value)
{
	if (address < w->low || address + 8 > w->high || (address & 7))
		return false;
	*ret_value = *(const uint64_t *)address;
	return true;
}

/* Moves from a frame to its caller. *ret_end: there is none, as it should be. */
static bool unwind_step(struct unwind_walk *w, bool *ret_end)
{
	struct guest_registers *now = &w->now;
	struct unwind_rule rule;
	uint64_t cfa, rbp = now->saved[GUEST_RBP];

	unwind_rule_for(now->ip, &rule);
	if (rule.end) {
		*ret_end = true;
		return false;
	}
	switch (rule.cfa_from) {
	case UNWIND_CFA_RSP:
		cfa = now->sp;
		break;
	case UNWIND_CFA_RBP:
		cfa = now->saved[GUEST_RBP];
		break;
	case UNWIND_CFA_OTHER:
		cfa = now->saved[rule.cfa_register];
		break;
	case UNWIND_CFA_RBP_DEREF:
		if (!unwind_load(w, now->saved[GUEST_RBP] + (uint64_t)(int64_t)rule.cfa_deref, &cfa))
			return false;
		break;
	default:
		return false;
	}
	cfa += (uint64_t)(int64_t)rule.cfa_offset;
	if (cfa - 8 == w->high) { /* what called a signal handler (signals.c) */
		*ret_end = true;
		return false;
	}
	/* In place, a register at a time: what is half done when a load fails is not looked at. */
	if (cfa <= now->sp || !unwind_load(w, cfa - 8, &now->ip))
		return false;
	for (int i = 0; i < GUEST_N_SAVED; i++) {
		uint64_t base = rule.from_rbp & 1u << i ? rbp : cfa;

		if (rule.saved[i] != UNWIND_KEPT &&
			!unwind_load(w, base + (uint64_t)(int64_t)rule.saved[i], &now->saved[i]))
			return false;
	}
	now->sp = cfa;
	if (!now->ip)
		*ret_end = true;
	return now->ip != 0;
}

extern void *__libc_stack_end;
extern const char __ehdr_start[] __attribute__((visibility("hidden")));
extern const char etext[] __attribute__((visibility("hidden")));

static bool unwind_is_guest(uint64_t ip)
{
	return ip - (uint64_t)__ehdr_start < (uint64_t)etext - (uint64_t)__ehdr_start;
}

__attribute__((noinline)) size_t guest_unwind(uint64_t low, uint64_t high,
	struct guest_stack_frame *frames, size_t max, struct guest_registers *ret_caller,
	bool *ret_cut)
{
	struct unwind_walk w = { .low = low, .high = high };
	bool end = false;
	size_t n = 0;

	__asm__ volatile("lea 0f(%%rip), %%rax\n\t"
			 "mov %%rax, 0(%0)\n\t"
			 "mov %%rsp, 8(%0)\n\t"
			 "mov %%rbx, 16(%0)\n\t"
			 "mov %%rbp, 24(%0)\n\t"
			 "mov %%r12, 32(%0)\n\t"
			 "mov %%r13, 40(%0)\n\t"
			 "mov %%r14, 48(%0)\n\t"
			 "mov %%r15, 56(%0)\n\t"
			 "nop\n0:\n\t"
			 :
			 : "r"(&w.now)
			 : "rax", "memory");
	*ret_cut = false;
	if (w.now.sp < low || w.now.sp >= high)
		return 0;
	while (n < max && unwind_step(&w, &end)) {
		if (unwind_is_guest(w.now.ip - 1))
			continue;
		if (!n && ret_caller)
			*ret_caller = w.now;
		frames[n++] = (struct guest_stack_frame){ w.now.ip, w.now.sp };
	}
	/* The loader's first code, which runs the constructors, has no table; its frame is the first. */
	if (w.now.sp <= (uint64_t)__libc_stack_end && w.now.sp + 16 > (uint64_t)__libc_stack_end)
		end = true;
	*ret_cut = !end && n < max;
	return n;
}
