/* SPDX-License-Identifier: MIT
 *
 * A handler's activation is a context of its own: what it asks for is not asked for under the locks
 * of what it interrupts, but by somebody whom all of those wait for. Its held slots lie behind the
 * interrupted ones, after a slot without a lock that carries its chain key, so that both can be seen
 * from outside.
 *
 * Handlers of faults, of abort() and of a write to a broken pipe are called by the very code that
 * they interrupt: they are no contexts, but a part of it.
 */
#include "guest/signals.h"

#include <stddef.h>

#include "base/hash.h"

struct guest_signals guest_signals;

/* What an activation found, on its own stack. */
struct signals_frame {
	struct signals_frame *previous;
	struct lockdag_block *t;
	uint32_t top, held; /* from t->stack */
	uint64_t low, high; /* the alternate stack it runs on; 0, 0: the thread's own */
	struct lockdag_held_slot slot; /* may be half filled */
	uint64_t waiting, mask, signals, busy, stack_low, stack_high, digest, joining, next_lock;
	uint32_t iteration, monitor;
	uint8_t handler, context;
	uint16_t depth;
};

/* ------------------------------------------------------------------ chain keys */

static uint64_t signals_base(const struct lockdag_block *t)
{
	uint64_t what = (uint64_t)t->handler << 8 | t->context;

	if (!what && !t->signals)
		return GUEST_CHAIN_BASE;
	return lockdag_hash_mix(GUEST_CHAIN_BASE ^ lockdag_hash_mix(t->signals) ^ what << 32);
}

/* Sets what is before the context's first slot, and the chain keys of those behind it. */
static void signals_rehash(struct lockdag_block *t)
{
	uint64_t chain = signals_base(t);

	if (t->held[-1].chain == chain)
		return;
	t->held[-1].chain = chain;
	for (struct lockdag_held_slot *held = t->held; held < t->top; held++) {
		chain = guest_chain(chain, LOCKDAG_META_KEY(held->meta), LOCKDAG_META_MODE(held->meta));
		held->chain = chain;
	}
}

/* Whoever publishes stores `handled` and reads the mask; who changes its mask stores that and reads
 * `handled`: one of them sees the other's. */
void guest_signals_rebase(struct lockdag_block *t)
{
	uint64_t handled;

	do {
		handled = lockdag_load_relaxed(&guest_signals.handled);
		lockdag_store_relaxed(&t->signals, handled & ~lockdag_load_relaxed(&t->mask));
		signals_rehash(t);
		lockdag_full_fence();
	} while (handled != lockdag_load_relaxed(&guest_signals.handled));
}

/* Another thread's: its held slots are its own, so that the new key counts from its next nest on. */
static void signals_rebase_other(struct lockdag_block *t)
{
	uint64_t mask, signals;

	do {
		mask = lockdag_load_relaxed(&t->mask);
		signals = lockdag_load_relaxed(&guest_signals.handled) & ~mask;
		if (lockdag_load_relaxed(&t->handlers))
			return; /* the handler's end does it */
		lockdag_store_relaxed(&t->signals, signals);
		lockdag_store_relaxed(&t->stack[-1].chain, signals_base(t));
		lockdag_full_fence();
	} while (mask != lockdag_load_relaxed(&t->mask));
}

LOCKDAG_COLD void guest_signals_publish(struct guest_site site)
{
	uint32_t n = lockdag_load_relaxed(&guest_process.writer.header->n_threads);
	struct lockdag_block *mine = guest_tls.block;

	lockdag_full_fence();
	for (uint32_t i = guest_process.first_thread; i < n && i < LOCKDAG_MAX_THREADS; i++) {
		const struct lockdag_session_thread *row = guest_thread_row(i);
		uint64_t block = lockdag_load_relaxed(&row->block);
		struct lockdag_block *t = (struct lockdag_block *)(guest_process.writer.base + block);

		if (!block || row->process != guest_process.row || t->thread != i)
			continue;
		if (t == mine)
			guest_mask(t, t->mask, site);
		else
			signals_rebase_other(t);
	}
}

uint64_t guest_mask_now(void)
{
	sigset_t now;

	return guest_reals()->pthread_sigmask(SIG_BLOCK, NULL, &now) ? 0 : guest_signal_word(&now);
}

void guest_mask(struct lockdag_block *t, uint64_t mask, struct guest_site site)
{
	uint64_t before = t->signals;

	lockdag_store_relaxed(&t->mask, mask);
	lockdag_full_fence(); /* pairs with: signals_rebase_other */
	guest_signals_rebase(t);
	if (t->signals & ~before && t->top != t->held)
		guest_record_state(t, site);
}

/* ------------------------------------------------------------------ contexts */

/* Does what the signal says come from the code it interrupts? */
static bool signals_is_synchronous(int signal, const siginfo_t *info)
{
	switch (signal) {
	case SIGSEGV:
	case SIGBUS:
	case SIGFPE:
	case SIGILL:
	case SIGTRAP:
	case SIGSYS:
		return info->si_code > 0;
	case SIGABRT:
		return info->si_code == SI_TKILL;
	case SIGPIPE:
		return info->si_code == SI_USER && info->si_pid == getpid();
	default:
		return false;
	}
}

static bool signals_is_directed(int signal, const siginfo_t *info)
{
	return info->si_code == SI_TKILL || (info->si_code == SI_TIMER &&
		lockdag_load_relaxed(&guest_signals.timers) & GUEST_SIGNAL_BIT(signal));
}

static struct signals_frame *signals_frame(const struct lockdag_block *t)
{
	return (struct signals_frame *)t->frame;
}

static void signals_save(struct signals_frame *f, struct lockdag_block *t, const ucontext_t *context)
{
	const stack_t *other = &context->uc_stack;
	uint64_t here = (uint64_t)f, low = (uint64_t)other->ss_sp;

	*f = (struct signals_frame){
		.previous = signals_frame(t),
		.t = t,
		.top = (uint32_t)(t->top - t->stack),
		.held = (uint32_t)(t->held - t->stack),
		.slot = *t->top,
		.waiting = t->waiting,
		.mask = t->mask,
		.signals = t->signals,
		.busy = t->busy,
		.stack_low = t->stack_low,
		.stack_high = t->stack_high,
		.digest = t->digest,
		.joining = t->joining,
		.next_lock = t->next_lock,
		.iteration = t->iteration,
		.monitor = t->monitor,
		.handler = t->handler,
		.context = t->context,
		.depth = t->handlers,
	};
	if (!(other->ss_flags & SS_DISABLE) && here >= low && here - low < other->ss_size) {
		f->low = low;
		f->high = low + other->ss_size;
	}
}

/* t is in the handler of signal from now on. */
static void signals_enter(struct signals_frame *f, struct lockdag_block *t, int signal,
	const siginfo_t *info, uint64_t top)
{
	bool part = signals_is_synchronous(signal, info);

	lockdag_store_relaxed(&t->handlers, (uint16_t)(t->handlers + 1));
	t->frame = (uint64_t)f;
	if (f->busy)
		t->busy = UINT64_MAX; /* on whatever stack: that recording is under way */
	t->waiting = 0;
	t->next_lock = 0;
	t->mask |= lockdag_load_relaxed(&guest_signals.masks[signal]);
	if (f->high)
		t->stack_low = f->low;
	t->stack_high = top - 8; /* the walk ends here: below is the kernel's frame */
	if (!part) {
		*t->top = (struct lockdag_held_slot){
			.meta = LOCKDAG_META(LOCKDAG_KEY_NONE, LOCKDAG_EXCLUSIVE, 0) };
		lockdag_signal_fence();
		t->held = ++t->top;
		t->handler = (uint8_t)signal;
		t->context = (uint8_t)((t->context & ~LOCKDAG_CONTEXT_DIRECTED) |
			(signals_is_directed(signal, info) ? LOCKDAG_CONTEXT_DIRECTED : 0));
		t->digest = 0;
	}
	guest_signals_rebase(t);
}

/* As it was before the activation. mask: what is blocked now. */
static void signals_restore(const struct signals_frame *f, uint64_t mask)
{
	struct lockdag_block *t = f->t;

	t->top = t->stack + f->top;
	t->held = t->stack + f->held;
	*t->top = f->slot;
	t->waiting = f->waiting;
	t->stack_low = f->stack_low;
	t->stack_high = f->stack_high;
	t->digest = f->digest;
	t->joining = f->joining;
	t->next_lock = f->next_lock;
	t->iteration = f->iteration;
	t->monitor = f->monitor;
	t->handler = f->handler;
	t->context = f->context;
	t->frame = (uint64_t)f->previous;
	t->signals = f->signals;
	lockdag_store_relaxed(&t->handlers, f->depth);
	lockdag_store_relaxed(&t->mask, mask);
	lockdag_full_fence(); /* pairs with: signals_rebase_other */
	guest_signals_rebase(t);
	lockdag_signal_fence();
	t->busy = f->busy;
}

/* A signal that comes although it was thought to be blocked shows what is held while it can. */
static void signals_surprise(struct lockdag_block *t, int signal, const ucontext_t *context)
{
	const greg_t *registers = context->uc_mcontext.gregs;

	/* It may come while another one enters or leaves: then the slots are in between. */
	if (t->signals & GUEST_SIGNAL_BIT(signal) || t->top <= t->held || !t->top[-1].lock || t->busy)
		return;
	t->signals |= GUEST_SIGNAL_BIT(signal);
	guest_record_state(t, (struct guest_site){ (uint64_t)registers[REG_RIP] + 1,
				      (uint64_t)registers[REG_RSP] });
}

/* Is the activation's frame gone, where somebody runs at sp? */
static bool signals_is_left(const struct signals_frame *f, uint64_t sp)
{
	if (f->high)
		return sp < f->low || sp >= f->high || sp > (uint64_t)f;
	return sp > (uint64_t)f;
}

void guest_signals_left(struct lockdag_block *t, uint64_t sp)
{
	while (t->handlers && signals_is_left(signals_frame(t), sp)) {
		const struct signals_frame f = *signals_frame(t);
		uint64_t mask = t->mask;

		signals_restore(&f, mask);
	}
}

static void signals_call(uint64_t word, int signal, siginfo_t *info, void *context)
{
	uint64_t handler = word & ~GUEST_SIGNAL_INFO;

	if (word & GUEST_SIGNAL_INFO)
		((void (*)(int, siginfo_t *, void *))handler)(signal, info, context);
	else
		((void (*)(int))handler)(signal);
}

void guest_signal_entry(int signal, siginfo_t *info, void *context)
{
	uint64_t word = lockdag_load_relaxed(&guest_signals.words[signal]);
	struct lockdag_block *t = guest_ready();
	const ucontext_t *u = context;
	struct signals_frame f;

	if (lockdag_load_relaxed(&guest_signals.once) & GUEST_SIGNAL_BIT(signal)) {
		lockdag_and_relaxed(&guest_signals.handled, ~GUEST_SIGNAL_BIT(signal));
		if (t)
			guest_signals_publish((struct guest_site){ 0, 0 });
	}
	/* Room for the slot that is being filled, the handler's first one, and one to go on with. */
	if (!t || t->top + 3 >= t->end) {
		if (t)
			lockdag_write_lost(&guest_process.writer, LOCKDAG_LOST_HANDLER);
		signals_call(word, signal, info, context);
		return;
	}
	guest_signals_left(t, (uint64_t)__builtin_dwarf_cfa());
	signals_save(&f, t, u);
	signals_surprise(t, signal, u);
	signals_enter(&f, t, signal, info, (uint64_t)__builtin_dwarf_cfa());
	signals_call(word, signal, info, context);
	/* In a fork child it is another block, which began as a copy of what is held here. */
	if (guest_tls.block != t || !guest_wipe->alive) {
		if (guest_tls.block && guest_wipe->alive)
			lockdag_store_relaxed(&guest_tls.block->mask, guest_signal_word(&u->uc_sigmask));
		return;
	}
	if (t->handlers > f.depth)
		signals_restore(&f, guest_signal_word(&u->uc_sigmask));
}

/* ------------------------------------------------------------------ jumps */

/* The stack pointer in a jump buffer: glibc keeps it mixed with a secret of the thread. */
static uint64_t signals_target(const struct __jmp_buf_tag *env)
{
	uint64_t mixed = (uint64_t)env->__jmpbuf[6], guard;

	__asm__("mov %%fs:0x30, %0" : "=r"(guard));
	return (mixed >> 17 | mixed << 47) ^ guard;
}

void guest_jump(struct __jmp_buf_tag *env)
{
	struct lockdag_block *t = guest_ready();

	if (!t)
		return;
	if (t->handlers)
		guest_signals_left(t, signals_target(env));
	if (env->__mask_was_saved)
		guest_mask(t, guest_signal_word((const sigset_t *)&env->__saved_mask), ((struct guest_site){ GUEST_IP(), GUEST_SP() }));
}
