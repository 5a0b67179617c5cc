/* SPDX-License-Identifier: MIT */
#include "kernel/kernel.h"

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
