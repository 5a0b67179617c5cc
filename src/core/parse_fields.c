/* SPDX-License-Identifier: MIT
 *
 * Values of the text form's fields, by the specs that parse.c has for each record.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/arena.h"
#include "core/parse.h"
#include "core/text_form.h"

const char *parse_kind_word(enum parse_kind kind)
{
	static const char *const words[] = {
		"run", "process", "thread", "module", "stack", "birth", "lock", "acquire"};

	return words[kind];
}

int parse_word(const char *s, const char *const *words)
{
	for (int i = 0; words[i]; i++) {
		if (!strcmp(s, words[i]))
			return i;
	}
	return -1;
}

bool parse_number(const char *s, uint64_t max, uint64_t *ret)
{
	unsigned base = 10;
	uint64_t n = 0;

	if (s[0] == '0' && s[1] == 'x') {
		base = 16;
		s += 2;
	}
	if (!*s)
		return false;
	for (; *s; s++) {
		unsigned digit;

		if (*s >= '0' && *s <= '9')
			digit = (unsigned)(*s - '0');
		else if (base == 16 && *s >= 'a' && *s <= 'f')
			digit = (unsigned)(*s - 'a') + 10;
		else
			return false;
		if (n > (max - digit) / base)
			return false;
		n = n * base + digit;
	}
	*ret = n;
	return true;
}

int parse_ref(struct parse *p, const struct lex_field *f, const char *label, enum parse_kind kind,
	uint32_t *ret_row)
{
	uint32_t row = labels_find(&p->labels[kind], label);

	if (row == LOCKDAG_NONE)
		return lex_error(&p->lex, f->column, "no %s \"%.40s\" is defined above this line",
			parse_kind_word(kind), label);
	*ret_row = row;
	return 0;
}

static int parse_bits(
	struct parse *p, const struct lex_field *f, const char *const *words, uint32_t *ret)
{
	uint32_t bits = 0;
	char *next;

	for (char *s = f->value; s; s = next) {
		uint64_t n;
		int i;

		next = strpbrk(s, ",!");
		if (next)
			*next++ = 0;
		i = parse_word(s, words);
		if (i >= 0)
			bits |= 1u << i;
		else if (parse_number(s, UINT32_MAX, &n))
			bits |= (uint32_t)n;
		else
			return lex_error(&p->lex, f->column, "\"%.40s\" is not a flag here", s);
	}
	*ret = bits;
	return 0;
}

static int parse_later(struct parse *p, const struct lex_field *f, bool joiner, uint32_t *ret)
{
	struct parse_later *l;
	uint64_t n;

	if (parse_number(f->value, LOCKDAG_NONE - 1, &n)) {
		*ret = (uint32_t)n;
		return 0;
	}
	l = lockdag_vec_push(&p->later);
	if (!l || !lockdag_arena_string(p->arena, f->value, &l->label))
		return -ENOMEM;
	l->thread = (uint32_t)p->m->threads.n; /* the row that this line makes */
	l->joiner = joiner;
	l->line = p->lex.line;
	l->column = f->column;
	return 0;
}

static int parse_raw(struct parse *p, const struct lex_field *f)
{
	char *next;

	for (char *s = f->value; s; s = next) {
		uint64_t *raw = lockdag_vec_push(&p->raw);

		if (!raw)
			return -ENOMEM;
		next = strchr(s, ',');
		if (next)
			*next++ = 0;
		if (!parse_number(s, UINT64_MAX, raw))
			return lex_error(
				&p->lex, f->column, "\"%.40s\" is not a frame's number", s);
	}
	return 0;
}

static int parse_span(struct parse *p, const struct lex_field *f, uint32_t *ret)
{
	char *dash = strchr(f->value, '-');
	uint64_t first, last;

	if (dash)
		*dash++ = 0;
	if (!parse_number(f->value, UINT32_MAX, &first) ||
		!parse_number(dash ? dash : f->value, UINT32_MAX, &last) || last < first)
		return lex_error(&p->lex, f->column, "a phase is N, or N-M with N <= M");
	ret[0] = (uint32_t)first;
	ret[1] = (uint32_t)last;
	return 0;
}

static int parse_integer(
	struct parse *p, const struct lex_field *f, const struct parse_spec *spec, void *to)
{
	uint64_t max = spec->type == PARSE_U64   ? UINT64_MAX
		       : spec->type == PARSE_I32 ? INT32_MAX
						 : UINT32_MAX;
	bool minus = spec->type == PARSE_I32 && f->value[0] == '-';
	uint64_t n = LOCKDAG_NONE;

	if (spec->type == PARSE_COUNT && !strcmp(f->value, "unknown"))
		n = LOCKDAG_NONE;
	else if (!parse_number(f->value + minus, max + minus, &n))
		return lex_error(&p->lex, f->column, "%s is a number up to %llu", spec->key,
			(unsigned long long)max);
	if (spec->type == PARSE_U64)
		*(uint64_t *)to = n;
	else if (spec->type == PARSE_I32)
		*(int32_t *)to = (int32_t)(minus ? -(int64_t)n : (int64_t)n);
	else
		*(uint32_t *)to = (uint32_t)n;
	return 0;
}

static int parse_value(
	struct parse *p, const struct lex_field *f, const struct parse_spec *spec, void *to)
{
	int i;

	switch (spec->type) {
	case PARSE_STRING:
		*(const char **)to = !f->quoted && !strcmp(f->value, "-") ? NULL : f->value;
		return 0;
	case PARSE_BITS:
		return parse_bits(p, f, spec->words, to);
	case PARSE_WORD:
		i = parse_word(f->value, spec->words);
		if (i < 0)
			return lex_error(&p->lex, f->column, "\"%.40s\" is not a word for %s",
				f->value, spec->key);
		*(unsigned *)to = (unsigned)i;
		return 0;
	case PARSE_REF:
		return parse_ref(p, f, f->value, spec->ref, to);
	case PARSE_LATER:
		return parse_later(p, f, !strcmp(spec->key, "joiner"), to);
	case PARSE_RAW:
		return parse_raw(p, f);
	case PARSE_SPAN:
		return parse_span(p, f, to);
	case PARSE_SET:
		*(bool *)to = true;
		return 0;
	default:
		return parse_integer(p, f, spec, to);
	}
}

int parse_fields(
	struct parse *p, size_t from, const struct parse_spec *specs, void *row, uint32_t *given)
{
	uint32_t seen = 0;

	for (size_t k = from; k < p->lex.fields.n; k++) {
		const struct lex_field *f = &p->lex.fields.items[k];
		const char *key = f->key ? f->key : f->value;
		unsigned i = 0;
		int r;

		while (specs[i].key && strcmp(specs[i].key, key))
			i++;
		if (!specs[i].key)
			return lex_error(
				&p->lex, f->column, "this record has no field \"%.40s\"", key);
		if (!f->key != (specs[i].type == PARSE_SET))
			return lex_error(&p->lex, f->column,
				f->key ? "\"%.40s\" takes no value" : "\"%.40s\" needs =VALUE",
				key);
		if (seen & (1u << i))
			return lex_error(&p->lex, f->column, "\"%.40s\" stands here twice", key);
		seen |= 1u << i;
		r = parse_value(p, f, &specs[i], (char *)row + specs[i].offset);
		if (r < 0)
			return r;
	}
	if (given)
		*given = seen;
	return 0;
}

/* Ends *s at the first sign of stops, and tells which one it was; 0: none. */
static char parse_cut(char **s, const char *stops)
{
	char *stop = strpbrk(*s, stops);
	char c;

	if (!stop) {
		*s += strlen(*s);
		return 0;
	}
	c = *stop;
	*stop = 0;
	*s = stop + 1;
	return c;
}

int parse_lock_use(struct parse *p, struct lex_field *f, struct lockdag_held *ret)
{
	struct lockdag_held h = {.stack = LOCKDAG_NONE};
	char *s = f->value, *part = s;
	char c = parse_cut(&s, "#:!@");
	int r = parse_ref(p, f, part, PARSE_LOCK, &h.lock);

	if (!r && c == '#') {
		part = s;
		c = parse_cut(&s, ":!@");
		if (!parse_number(part, UINT64_MAX, &h.serial))
			r = lex_error(&p->lex, f->column, "\"%.40s\" is not a serial number", part);
	}
	if (!r && c == ':') {
		int mode;

		part = s;
		c = parse_cut(&s, "!@");
		mode = parse_word(part, lockdag_words_modes);
		if (mode < 0)
			r = lex_error(
				&p->lex, f->column, "a mode is x, r or f, not \"%.40s\"", part);
		else
			h.mode = (enum lockdag_mode)mode;
	}
	if (!r && c == '!') {
		struct lex_field flags = {.value = s, .column = f->column};

		c = parse_cut(&s, "@");
		r = parse_bits(p, &flags, lockdag_words_acquire_flags, &h.flags);
	}
	if (!r && c == '@')
		r = parse_ref(p, f, s, PARSE_STACK, &h.stack);
	else if (!r && c)
		r = lex_error(&p->lex, f->column, "a lock is LABEL#serial:mode!flag@stack");
	if (!r)
		*ret = h;
	return r;
}
