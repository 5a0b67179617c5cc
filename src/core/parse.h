/* SPDX-License-Identifier: MIT
 *
 * The parser's state and its fields: parse.c has the records, parse_fields.c the values.
 */
#ifndef LOCKDAG_CORE_PARSE_H
#define LOCKDAG_CORE_PARSE_H

#include "core/labels.h"
#include "core/lex.h"

enum parse_kind {
	PARSE_RUN,
	PARSE_PROCESS,
	PARSE_THREAD,
	PARSE_MODULE,
	PARSE_STACK,
	PARSE_BIRTH,
	PARSE_LOCK,
	PARSE_ACQUIRE,
	PARSE_N_KINDS
};

/* A thread's parent or joiner, which may be defined further down. */
struct parse_later {
	const char *label;
	uint32_t thread;
	bool joiner;
	unsigned line, column;
};

struct parse {
	struct lex lex;
	struct lockdag_model *m;
	struct labels labels[PARSE_N_KINDS];
	struct lockdag_arena *arena; /* of the labels */
	LOCKDAG_VEC(struct parse_later) later;
	LOCKDAG_VEC(struct lockdag_held) held;    /* of the acquire line being read */
	LOCKDAG_VEC(uint64_t) raw;                /* of the stack line being read */
	LOCKDAG_VEC(struct lockdag_frame) frames; /* of the stack being read */
	bool in_stack;
	struct lockdag_arena *frame_strings; /* of frames */
};

/* What a field's value is and where it goes. */
enum parse_type {
	PARSE_STRING, /* const char *: a string, a word, or - for NULL */
	PARSE_U32,
	PARSE_I32,
	PARSE_U64,
	PARSE_COUNT, /* uint32_t, or the word unknown for LOCKDAG_NONE */
	PARSE_BITS,  /* uint32_t: words[] or numbers, joined by commas */
	PARSE_WORD,  /* unsigned: index in words[] */
	PARSE_REF,   /* uint32_t: row of kind ref */
	PARSE_LATER, /* uint32_t: number of a thread, or its label kept for the end */
	PARSE_RAW,   /* into p->raw */
	PARSE_SPAN,  /* uint32_t[2]: N or N-M */
	PARSE_SET    /* bool: the key alone, without a value */
};

struct parse_spec {
	const char *key;
	enum parse_type type;
	size_t offset;
	const char *const *words;
	enum parse_kind ref;
};

#define SPEC(key, type, row, field)                                                                \
	{                                                                                          \
		key, type, offsetof(struct row, field), NULL, PARSE_RUN                            \
	}
#define SPEC_WORDS(key, type, row, field, words)                                                   \
	{                                                                                          \
		key, type, offsetof(struct row, field), words, PARSE_RUN                           \
	}
#define SPEC_REF(key, row, field, kind)                                                            \
	{                                                                                          \
		key, PARSE_REF, offsetof(struct row, field), NULL, kind                            \
	}
#define SPEC_END                                                                                   \
	{                                                                                          \
		NULL, PARSE_SET, 0, NULL, PARSE_RUN                                                \
	}

/* Reads fields [from ..) of the line by specs (a NULL key ends them) into row. Each key may stand
 * once. given, when not NULL, gets bit i set for specs[i] that was there. */
int parse_fields(
	struct parse *p, size_t from, const struct parse_spec *specs, void *row, uint32_t *given);

/* The row that the label of field f means; an error names the kind. */
int parse_ref(struct parse *p, const struct lex_field *f, const char *label, enum parse_kind kind,
	uint32_t *ret_row);

/* Decimal or 0x hexadecimal, up to max. false: it is not a number, or too big. */
bool parse_number(const char *s, uint64_t max, uint64_t *ret);

/* LABEL[#serial][:mode][!flag...][@stack] of an acquire line. Cuts f->value up. */
int parse_lock_use(struct parse *p, struct lex_field *f, struct lockdag_held *ret);

/* One of words, or -1. */
int parse_word(const char *s, const char *const *words);

const char *parse_kind_word(enum parse_kind kind);

/* Records (parse_facts.c): the line at hand. */
int parse_order(struct parse *p);
int parse_guard(struct parse *p);
int parse_blocked(struct parse *p);
int parse_ended(struct parse *p);
int parse_misuse(struct parse *p);
int parse_fork(struct parse *p);
int parse_declared(struct parse *p);


#endif
