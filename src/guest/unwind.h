/* SPDX-License-Identifier: MIT
 *
 * The guest's own stack walk by .eh_frame: no lock, no allocation, no system call, safe in signal
 * handlers. See docs/decisions/0002-unwinder.md for what was weighed.
 */
#ifndef LOCKDAG_GUEST_UNWIND_H
#define LOCKDAG_GUEST_UNWIND_H

#include "base/base.h"

/* The registers a callee keeps, in the order rules are kept in. */
enum { GUEST_RBX, GUEST_RBP, GUEST_R12, GUEST_R13, GUEST_R14, GUEST_R15, GUEST_N_SAVED };

struct guest_registers {
	uint64_t ip, sp;
	uint64_t saved[GUEST_N_SAVED];
};

/* One step of the walk: where the caller goes on. */
struct guest_stack_frame {
	uint64_t ip; /* return address into this frame's function */
	uint64_t sp; /* its stack pointer once the call has returned */
};

/* Walks from here. Frames of the guest itself are skipped. Writes at most max frames, innermost
 * first, and returns how many (0: nothing is known about this stack). low and high bound what may
 * be read (the stack of this thread; 0, 0: nothing). ret_caller (or NULL) gets the registers as
 * they are in the innermost frame written. *ret_cut is set when code without a usable table ended
 * the walk early. */
size_t guest_unwind(uint64_t low, uint64_t high, struct guest_stack_frame *frames, size_t max,
	struct guest_registers *ret_caller, bool *ret_cut);

/* Are two return addresses in one function (one entry of its module's table)? */
bool guest_same_function(uint64_t ip, uint64_t other);

/* Code may have been unmapped: what was learned about it is not to be used again. */
void guest_unwind_forget(void);

#endif
