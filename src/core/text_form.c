/* SPDX-License-Identifier: MIT */
#include "core/text_form.h"

const char *const lockdag_words_attributes[] = {
	"recursive", "errorcheck", "robust", "inherit", "shared", "writers-first", NULL};
const char *const lockdag_words_lock_flags[] = {"many", "foreign", NULL};
const char *const lockdag_words_acquire_flags[] = {
	"try", "timed", "rewait", "wait", "handler", "directed", "nest", "turn", "rounds", NULL};
const char *const lockdag_words_birth_how[] = {"static", "init", "first", "named", NULL};
const char *const lockdag_words_modes[] = {"x", "r", "f", NULL};
const char *const lockdag_words_types[] = {
#define LOCK_TYPE(upper, word) word,
#include "base/lock_types.def"
#undef LOCK_TYPE
	NULL};
const char *const lockdag_words_misuses[] = {
#define MISUSE(upper, word, here, there, headline, sentence, clause) word,
#include "base/misuse_rules.def"
#undef MISUSE
	NULL};
