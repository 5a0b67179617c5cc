/* SPDX-License-Identifier: MIT
 *
 * What the words of other tools' suppressions mean here.
 */
#include "suppress/forms.h"

#include <string.h>

bool suppress_tsan_word(const char *word, size_t n, const char **ret_kind)
{
	static const struct {
		const char *word, *kind;
	} words[] = {
		{"deadlock", "cycle"},
		{"mutex", "misuse"},
		/* of reports that lockdag does not make */
		{"race", NULL},
		{"race_top", NULL},
		{"thread", NULL},
		{"signal", NULL},
		{"called_from_lib", NULL},
	};

	for (size_t i = 0; i < LOCKDAG_ARRAY_SIZE(words); i++) {
		if (strlen(words[i].word) != n || strncmp(words[i].word, word, n))
			continue;
		*ret_kind = words[i].kind;
		return true;
	}
	return false;
}

bool suppress_helgrind_word(const char *word, const char **ret_kind, const char **ret_rule)
{
	static const struct {
		const char *word, *kind, *rule;
	} words[] = {
		{"LockOrder", "cycle", NULL},
		{"UnlockUnlocked", "misuse", "unlock-unlocked"},
		{"UnlockForeign", "misuse", "unlock-not-owner"},
		{"UnlockBogus", "misuse", "uninit*"},
		{"FreeMemLock", "misuse", "free-held"},
		{"PthAPIerror", "misuse", NULL},
		{"Misc", "misuse", NULL},
	};

	for (size_t i = 0; i < LOCKDAG_ARRAY_SIZE(words); i++) {
		if (strcmp(words[i].word, word))
			continue;
		*ret_kind = words[i].kind;
		*ret_rule = words[i].rule;
		return true;
	}
	return false;
}
