/* SPDX-License-Identifier: MIT
 *
 * Signals as contexts: which can come to a thread, and whose handler runs. The program's handlers are
 * called by ours, so that what they take is known to be theirs; what the program asks about its
 * handlers is answered as if ours were not there.
 *
 * Who writes what:
 *   guest_signals	whoever calls sigaction, by atomic words; a fork child has its own copy
 *   t->mask		its thread: the mask as the calls that change it tell, and as the kernel
 *			tells each handler
 *   t->signals		the same, and whoever installs a handler (guest_signals_publish)
 */
#ifndef LOCKDAG_GUEST_SIGNALS_H
#define LOCKDAG_GUEST_SIGNALS_H

#include <setjmp.h>
#include <signal.h>

#include "guest/guest.h"

#pragma GCC visibility push(hidden)

#define GUEST_N_SIGNALS 65
/* The handler's word: it takes three arguments. */
#define GUEST_SIGNAL_INFO (UINT64_C(1) << 63)

#define GUEST_SIGNAL_BIT(signal) (UINT64_C(1) << ((signal) - 1))

struct guest_signals {
	uint64_t words[GUEST_N_SIGNALS]; /* the program's handler | GUEST_SIGNAL_INFO */
	uint64_t masks[GUEST_N_SIGNALS]; /* what is blocked while it runs */
	uint64_t handled;		 /* signals that have one now */
	uint64_t once;			 /* whose handler is gone when it is called (SA_RESETHAND) */
	uint64_t timers;		 /* that timers send to one thread (SIGEV_THREAD_ID) */
	uint64_t interrupting;		 /* siginterrupt() */
};
extern struct guest_signals guest_signals;

/* The first word of a set: all signals there are. */
LOCKDAG_INLINE uint64_t guest_signal_word(const sigset_t *set)
{
	return set->__val[0];
}

/* What the kernel has for signals that have a handler. */
void guest_signal_entry(int signal, siginfo_t *info, void *context);

/* The thread's mask is this from now on. site: of the call that changed it, for what is held while
 * more can come than before. */
void guest_mask(struct lockdag_block *t, uint64_t mask, struct guest_site site);
/* The mask that the kernel has for this thread: a system call. */
uint64_t guest_mask_now(void);
/* Chain keys are to say again which signals can come. Of t itself, by its thread. */
void guest_signals_rebase(struct lockdag_block *t);
/* guest_signals.handled has changed: all threads of this process hear of it. site: of the call. */
void guest_signals_publish(struct guest_site site);
/* The thread jumps to env: handlers may be left by it. */
void guest_jump(struct __jmp_buf_tag *env);
/* Handlers that were left by other ways than return and longjmp. sp: of somebody who runs. */
void guest_signals_left(struct lockdag_block *t, uint64_t sp);

#pragma GCC visibility pop

#endif
