/* SPDX-License-Identifier: MIT */
#include "kernel/kernel.h"

#include <string.h>

const char *lockdag_splat_kind_word(enum lockdag_splat_kind kind)
{
	static const char *const words[] = {
#define SPLAT_KIND(upper, word, sentence) word,
#include "kernel/kinds.def"
#undef SPLAT_KIND
	};

	return (unsigned)kind < LOCKDAG_N_SPLAT_KINDS ? words[kind] : "lock report";
}

const char *lockdag_splat_kind_sentence(enum lockdag_splat_kind kind)
{
	static const char *const sentences[] = {
#define SPLAT_KIND(upper, word, sentence) sentence,
#include "kernel/kinds.def"
#undef SPLAT_KIND
	};

	return (unsigned)kind < LOCKDAG_N_SPLAT_KINDS ? sentences[kind] : "a lock report";
}

const char *lockdag_splat_note_word(enum lockdag_splat_note_kind kind)
{
	static const char *const words[] = {
#define SPLAT_NOTE(upper, word) word,
#include "kernel/notes.def"
#undef SPLAT_NOTE
	};

	return (unsigned)kind < LOCKDAG_N_SPLAT_NOTES ? words[kind] : "note";
}

/* ------------------------------------------------------------------ usage masks */

struct usage_letter {
	const char *context;
	bool read;
};

static void usage_word(
	struct lockdag_text *text, const struct usage_letter *letter, const char *what)
{
	lockdag_text_addf(text, "%s%s %s%s", text->n ? ", " : "", letter->context, what,
		letter->read ? " (read)" : "");
}

void lockdag_splat_usage_words(const struct lockdag_splat *splat,
	const struct lockdag_kclass *class, struct lockdag_text *text)
{
	static const struct usage_letter now[] = {{"hardirq", false}, {"hardirq", true},
		{"softirq", false}, {"softirq", true}, {"reclaim", false}, {"reclaim", true}};
	static const struct usage_letter then[] = {
		{"hardirq", false}, {"softirq", false}, {"hardirq", true}, {"softirq", true}};
	size_t n = class->usage ? strlen(class->usage) : 0;
	/* four letters under a bracketed header: up to 2.6.28, or a BUG of today, with wait types
	 */
	bool old = n == 4 && splat->bracketed && class->wait_outer < 0;
	struct lockdag_text words = {0};

	for (size_t i = 0; i < n && i < LOCKDAG_ARRAY_SIZE(now); i++) {
		const struct usage_letter *letter = old ? &then[i] : &now[i];
		char c = class->usage[i];

		if (c == '?' || c == (old ? '-' : '+'))
			usage_word(&words, letter, "on");
		if (c == '?' || c == (old ? '+' : '-'))
			usage_word(&words, letter, "in");
	}
	if (words.n)
		lockdag_text_add_n(text, words.s, words.n);
	text->failed |= words.failed;
	lockdag_text_clear(&words);
}
