/* SPDX-License-Identifier: MIT
 *
 * Between unwind.c (the walk) and unwind_table.c (the tables).
 */
#ifndef LOCKDAG_GUEST_UNWIND_RULE_H
#define LOCKDAG_GUEST_UNWIND_RULE_H

#include "guest/unwind.h"

#define UNWIND_KEPT INT16_MIN /* the register has the caller's value already */

enum { UNWIND_CFA_RSP, UNWIND_CFA_RBP, UNWIND_CFA_RBP_DEREF, UNWIND_CFA_NONE, UNWIND_CFA_OTHER };

/* What it takes to step over the frame that a return address is in. */
struct unwind_rule {
	uint64_t ip;
	uint32_t version;
	uint8_t cfa_from;
	uint8_t cfa_register; /* of UNWIND_CFA_OTHER: index into saved */
	bool end;	      /* the outermost frame */
	uint8_t from_rbp;     /* bit i: saved[i] is an offset from rbp, not from the CFA */
	int32_t cfa_offset;
	int32_t cfa_deref; /* of UNWIND_CFA_RBP_DEREF: added to rbp before the load */
	int16_t saved[GUEST_N_SAVED]; /* offset from the CFA, or UNWIND_KEPT */
};

/* false: there is no table for ip, or it says something that this walk does not follow. */
bool unwind_make_rule(uint64_t ip, struct unwind_rule *ret_rule);

#endif
