/* SPDX-License-Identifier: MIT
 *
 * The words of core's lists: grades, reasons, kinds.
 */
#include <errno.h>
#include <string.h>

#include "core/core.h"

static const char *const words_grades[] = {
#define GRADE(upper, word, meaning) word,
#include "core/grades.def"
#undef GRADE
};

static const char *const words_ruled[] = {
#define REASON(upper, word, meaning) word,
#include "core/reasons.def"
#undef REASON
};

static const char *const words_ruled_meaning[] = {
#define REASON(upper, word, meaning) meaning,
#include "core/reasons.def"
#undef REASON
};

static const char *words_get(const char *const *words, size_t n, unsigned i)
{
	return i < n ? words[i] : "unknown";
}

const char *lockdag_grade_word(enum lockdag_grade grade)
{
	return words_get(words_grades, LOCKDAG_ARRAY_SIZE(words_grades), grade);
}

int lockdag_grade_parse(const char *word, enum lockdag_grade *ret_grade)
{
	for (unsigned i = 0; i < LOCKDAG_N_GRADES; i++) {
		if (!strcmp(word, words_grades[i])) {
			*ret_grade = (enum lockdag_grade)i;
			return 0;
		}
	}
	return -EINVAL;
}

const char *lockdag_ruled_word(enum lockdag_ruled ruled)
{
	return words_get(words_ruled, LOCKDAG_ARRAY_SIZE(words_ruled), ruled);
}

const char *lockdag_ruled_meaning(enum lockdag_ruled ruled)
{
	return words_get(words_ruled_meaning, LOCKDAG_ARRAY_SIZE(words_ruled_meaning), ruled);
}

const char *lockdag_finding_kind_word(enum lockdag_finding_kind kind)
{
	static const char *const words[] = {"cycle", "misuse", "hang"};

	return words_get(words, LOCKDAG_ARRAY_SIZE(words), kind);
}
