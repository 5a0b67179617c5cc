/* SPDX-License-Identifier: MIT */
#ifndef LOCKDAG_TESTS_CORE_SUPPORT_H
#define LOCKDAG_TESTS_CORE_SUPPORT_H

#include "core/core.h"

/* xorshift64*: the same numbers on each machine. */
uint32_t support_random(uint64_t *state, uint32_t below);

/* A copy of m with its threads, locks and acquires in another order; NULL: no memory. */
struct lockdag_model *support_permute(const struct lockdag_model *m, uint64_t *state);

/* Have the two the same (id, grade), one by one? Sorted by core, but for titles. */
bool support_same_findings(const struct lockdag_findings *a, const struct lockdag_findings *b);

#endif
