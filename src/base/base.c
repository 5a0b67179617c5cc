/* SPDX-License-Identifier: MIT */
#include "base/base.h"

static const char *const base_lock_words[] = {
#define LOCK_TYPE(upper, word) word,
#include "base/lock_types.def"
#undef LOCK_TYPE
};

const char *lockdag_lock_type_word(unsigned type)
{
	return type < LOCKDAG_ARRAY_SIZE(base_lock_words) ? base_lock_words[type] : "lock";
}
