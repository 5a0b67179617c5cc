/* SPDX-License-Identifier: MIT
 *
 * The words of the model's text form (docs/model.md), one list for parser and printer.
 */
#ifndef LOCKDAG_CORE_TEXT_FORM_H
#define LOCKDAG_CORE_TEXT_FORM_H

#include "base/base.h"

/* Words of a bit set, bit 0 first, or of an enumeration. NULL ends a list. */
extern const char *const lockdag_words_attributes[];
extern const char *const lockdag_words_lock_flags[];
extern const char *const lockdag_words_acquire_flags[];
extern const char *const lockdag_words_birth_how[];
extern const char *const lockdag_words_modes[];
extern const char *const lockdag_words_types[];
extern const char *const lockdag_words_misuses[];

#endif
