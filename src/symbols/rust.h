/* SPDX-License-Identifier: MIT
 *
 * What the files of Rust's names share: a reader over the name and its text so far. What is broken
 * sets
 * ->failed and leaves nothing to read, so that every loop ends.
 */
#ifndef LOCKDAG_SYMBOLS_RUST_H
#define LOCKDAG_SYMBOLS_RUST_H

#include "internal.h"

struct rust {
	const char *s; /* behind "_R" */
	size_t n, at;
	struct lockdag_text *out;
	unsigned depth, steps, silent;
	uint64_t lifetimes; /* bound around here */
	bool open;          /* what a path that was referred to left open */
	bool failed;
};

struct rust_identifier {
	const char *s;
	size_t n;
	bool punycode;
};

/* rust_words.c */
void sym_rust_fail(struct rust *r);
char sym_rust_peek(const struct rust *r); /* 0: at the end */
char sym_rust_next(struct rust *r);
bool sym_rust_eat(struct rust *r, char c);
void sym_rust_print_n(struct rust *r, const char *s, size_t n);
void sym_rust_print(struct rust *r, const char *s);
void sym_rust_print_number(struct rust *r, uint64_t number);
void sym_rust_print_letter(struct rust *r, uint32_t letter); /* as UTF-8 */
void sym_rust_print_quoted(struct rust *r, uint64_t letter, char quote);
void sym_rust_print_identifier(struct rust *r, struct rust_identifier id);
bool sym_rust_more(struct rust *r);  /* true while there is more of a list that ends in E */
bool sym_rust_enter(struct rust *r); /* one level deeper; sym_rust_leave() in any case */
void sym_rust_leave(struct rust *r);
unsigned sym_rust_base62_digit(char c); /* 62: it is none */
uint64_t sym_rust_base62(struct rust *r);
uint64_t sym_rust_optional(struct rust *r, char tag);
struct rust_identifier sym_rust_undisambiguated(struct rust *r);

/* rust.c */
void sym_rust_path(struct rust *r, bool value);
void sym_rust_back(struct rust *r, void (*parse)(struct rust *r, bool flag), bool flag);
void sym_rust_tuple(struct rust *r, void (*item)(struct rust *r, bool flag), bool flag);

/* rust_const.c. inside: of another constant, or of brackets. */
void sym_rust_const(struct rust *r, bool inside);

/* rust_legacy.c: where the hash begins; NULL: the name is no such one. */
const char *sym_rust_legacy_hash(const char *name);
bool sym_rust_legacy(const char *name, const char *hash, struct lockdag_text *out);

#endif
