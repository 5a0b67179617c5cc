/* SPDX-License-Identifier: MIT
 *
 * The call that stands at a line and column of the source. Compilers differ in the column they
 * give: the name (gcc's C, clang), the opening bracket (g++), the closing one (g++, declarations),
 * an argument (clang -O2); so: the smallest call around it, the one of the right name first.
 */
#include "internal.h"

#include "base/hash.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define CALL_LINES_BEFORE 10
#define CALL_LINES_BEHIND 12
#define CALL_MAX_LENGTH 4000  /* of a bracket's inside, of an object's text */
#define CALL_MAX_WINDOW 16384 /* of text on either side: lines may be as long as a file */

struct call_text {
	const char *s;
	size_t n;
};

struct call_span {
	size_t start, open, close; /* of the whole expression; the brackets */
	size_t name, name_end;
	size_t object_end; /* 0: no object; it begins at start */
	bool declares;     /* "Type name(...)": name is the type's */
};

static bool call_is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

/* Not strchr(): these are looked at for every character of a source's lines. */
static bool call_opens(char c)
{
	return c == '(' || c == '[' || c == '{';
}

static bool call_closes(char c)
{
	return c == ')' || c == ']' || c == '}';
}

static size_t call_skip_back(const char *s, size_t i)
{
	while (i && isspace((unsigned char)s[i - 1]))
		i--;
	return i;
}

/* The opening bracket of the one that closes at s[i - 1]; SIZE_MAX: not balanced. */
static size_t call_bracket_back(const char *s, size_t i)
{
	size_t first = i > CALL_MAX_LENGTH ? i - CALL_MAX_LENGTH : 0;
	int depth = 0;

	while (i > first) {
		char c = s[--i];

		if (call_closes(c) || (c == '>' && (!i || s[i - 1] != '-')))
			depth++;
		else if ((call_opens(c) || c == '<') && --depth == 0)
			return i;
		if (c == ';')
			break;
	}
	return SIZE_MAX;
}

static size_t call_word_back(const char *s, size_t i)
{
	while (i && call_is_word(s[i - 1]))
		i--;
	return i;
}

/* Back over "ns::name<args>" that ends at i. */
static size_t call_qualified_back(const char *s, size_t i)
{
	size_t at;

	for (;;) {
		if (i && s[i - 1] == '>') {
			at = call_bracket_back(s, i);
			if (at == SIZE_MAX)
				return i;
			i = call_skip_back(s, at);
		}
		at = call_word_back(s, i);
		if (at == i)
			return i;
		i = at;
		if (i >= 2 && s[i - 1] == ':' && s[i - 2] == ':')
			i -= 2;
		else
			return i;
	}
}

/* Back over the object of a call, "dev[i]->q(0)." before i: what "." and "->" join. */
static size_t call_object_back(const char *s, size_t i)
{
	size_t first = i > CALL_MAX_LENGTH ? i - CALL_MAX_LENGTH : 0;

	while (i > first) {
		size_t at = call_skip_back(s, i);

		while (at && (s[at - 1] == ')' || s[at - 1] == ']')) {
			size_t open = call_bracket_back(s, at);

			if (open == SIZE_MAX)
				return i;
			at = call_skip_back(s, open);
			i = open;
		}
		if (at && (call_is_word(s[at - 1]) || s[at - 1] == '>')) {
			if (!(s[at - 1] == '>' && at > 1 && s[at - 2] == '-'))
				i = call_qualified_back(s, at);
		}
		at = call_skip_back(s, i);
		if (at && s[at - 1] == '.')
			i = at - 1;
		else if (at > 1 && s[at - 1] == '>' && s[at - 2] == '-')
			i = at - 2;
		else
			break;
	}
	return i;
}

static size_t call_close(const struct call_text *t, size_t open)
{
	int depth = 0;

	for (size_t i = open; i < t->n && i < open + CALL_MAX_LENGTH; i++) {
		if (call_opens(t->s[i]))
			depth++;
		else if (call_closes(t->s[i]) && --depth == 0)
			return i;
		if (t->s[i] == ';' && t->s[open] == '(' && depth <= 1)
			break; /* for (;;), or broken */
	}
	return SIZE_MAX;
}

static bool call_is_keyword(const char *s, size_t n)
{
	static const char *const words[] = {"if", "while", "for", "switch", "return", "sizeof",
		"catch", "do", "else", "case", "new", "delete", "throw", "goto", "co_await",
		"co_return", "defined", "alignof", "decltype", "noexcept"};

	for (size_t i = 0; i < LOCKDAG_ARRAY_SIZE(words); i++) {
		if (words[i][0] == s[0] && !strncmp(words[i], s, n) && !words[i][n])
			return true;
	}
	return false;
}

/* "Type name(": the name's own call is of Type's constructor. */
static void call_declaration(const struct call_text *t, struct call_span *c)
{
	size_t end = call_skip_back(t->s, c->name), start;

	while (end && (t->s[end - 1] == '&' || t->s[end - 1] == '*'))
		end = call_skip_back(t->s, end - 1);
	if (!end || end == c->name || (!call_is_word(t->s[end - 1]) && t->s[end - 1] != '>'))
		return;
	if (t->s[end - 1] == '>' && end > 1 && t->s[end - 2] == '-')
		return;
	start = call_qualified_back(t->s, end);
	if (start == end || call_is_keyword(t->s + start, end - start))
		return;
	c->declares = true;
	c->start = c->name = start;
	c->name_end = end;
}

static bool call_lock_word(const char *s, size_t n)
{
	static const char *const parts[] = {
		"lock", "mutex", "guard", "_init", "sem_", "mtx_", "wait", "acquire", "spin"};

	for (size_t k = 0; k < LOCKDAG_ARRAY_SIZE(parts); k++) {
		size_t m = strlen(parts[k]);

		for (size_t i = 0; i + m <= n; i++) {
			if (!strncasecmp(s + i, parts[k], m))
				return true;
		}
	}
	return false;
}

/* The call whose bracket opens at open. */
static bool call_parse(const struct call_text *t, size_t open, struct call_span *c)
{
	size_t end = call_skip_back(t->s, open), at;

	*c = (struct call_span){.open = open, .name_end = end};
	c->name = call_qualified_back(t->s, end);
	if (c->name == end || call_is_keyword(t->s + c->name, end - c->name) ||
		isdigit((unsigned char)t->s[c->name]))
		return false;
	c->close = call_close(t, open);
	if (c->close == SIZE_MAX)
		return false;
	c->start = c->name;
	at = call_skip_back(t->s, c->name);
	if (at && (t->s[at - 1] == '.' || (at > 1 && t->s[at - 1] == '>' && t->s[at - 2] == '-'))) {
		c->object_end = t->s[at - 1] == '.' ? at - 1 : at - 2;
		c->start = call_object_back(t->s, c->object_end);
	} else {
		call_declaration(t, c);
	}
	/* "std::lock_guard g{m}" is one; "struct x {", "do {", "= {" are not */
	return t->s[open] == '(' ||
	       (c->declares && call_lock_word(t->s + c->name, c->name_end - c->name));
}

/* The last part of the name, without template arguments: what DWARF calls the function. */
static bool call_named(const struct call_text *t, const struct call_span *c, const char *callee)
{
	size_t end = c->name_end, start;

	if (!callee)
		return false;
	if (end && t->s[end - 1] == '>') {
		start = call_bracket_back(t->s, end);
		end = start == SIZE_MAX ? end : call_skip_back(t->s, start);
	}
	start = call_word_back(t->s, end);
	return strlen(callee) == end - start && !strncmp(callee, t->s + start, end - start);
}

struct call_choice {
	size_t low, high; /* the line */
	size_t at;        /* the column's place, or SIZE_MAX */
	const char *callee;
	struct call_span best;
	int best_score;
};

static void call_consider(
	const struct call_text *t, const struct call_span *c, struct call_choice *choice)
{
	bool around = choice->at != SIZE_MAX && choice->at >= c->start && choice->at <= c->close;
	bool on_line = c->start < choice->high && c->close >= choice->low;
	int score = 0;

	if (!around && !on_line)
		return;
	if (call_named(t, c, choice->callee))
		score += 8;
	else if (call_lock_word(t->s + c->name, c->name_end - c->name))
		score += choice->callee ? 1 : 4;
	if (around)
		score += 6;
	else if (score < 4)
		return;
	if (score > choice->best_score ||
		(score == choice->best_score && around &&
			c->close - c->start < choice->best.close - choice->best.start)) {
		choice->best = *c;
		choice->best_score = score;
	}
}

/* Without white space, but for what keeps two words apart. */
static const char *call_squeeze(struct lockdag_symbols *s, const char *text, size_t n)
{
	struct lockdag_text out = {0};
	bool space = false;

	for (size_t i = 0; i < n; i++) {
		if (isspace((unsigned char)text[i])) {
			space = true;
			continue;
		}
		if (space && out.n && call_is_word(out.s[out.n - 1]) && call_is_word(text[i]))
			lockdag_text_add(&out, " ");
		lockdag_text_add_n(&out, text + i, 1);
		space = false;
	}
	return sym_string_take(s, &out);
}

static void call_arguments(struct lockdag_symbols *s, const struct call_text *t,
	const struct call_span *c, struct sym_call *ret)
{
	size_t from = c->open + 1;
	int depth = 0;

	for (size_t i = from; i <= c->close && ret->n_arguments < SYM_MAX_ARGUMENTS; i++) {
		char ch = t->s[i];

		if (i == c->close || (ch == ',' && !depth)) {
			const char *text = call_squeeze(s, t->s + from, i - from);

			if (text && *text)
				ret->arguments[ret->n_arguments++] = text;
			from = i + 1;
		} else if (call_opens(ch)) {
			depth++;
		} else if (call_closes(ch)) {
			depth--;
		}
	}
}

/* What the call's result is given to: what stands before a "=" before it. */
static void call_result(struct lockdag_symbols *s, const struct call_text *t,
	const struct call_span *c, struct sym_call *ret)
{
	size_t end = call_skip_back(t->s, c->start), start;

	ret->returned = end >= 6 && !memcmp(t->s + end - 6, "return", 6) &&
			(end == 6 || !call_is_word(t->s[end - 7]));
	if (end < 2 || t->s[end - 1] != '=' || strchr("=!<>+-*/%|&^", t->s[end - 2]))
		return;
	end = call_skip_back(t->s, end - 1);
	start = call_object_back(t->s, end);
	if (start < end && t->s[start] == '.') /* of an initialiser */
		start++;
	if (start < end)
		ret->result = call_squeeze(s, t->s + start, end - start);
}

/* "CHECK(pthread_mutex_lock(&m))": the column is the macro's, the lock is inside. */
static void call_look_inside(const struct call_text *t, struct call_choice *choice)
{
	struct call_span span;

	if (call_lock_word(t->s + choice->best.name, choice->best.name_end - choice->best.name) ||
		call_named(t, &choice->best, choice->callee))
		return;
	for (size_t i = choice->best.open + 1; i < choice->best.close; i++) {
		if (t->s[i] != '(' || !call_parse(t, i, &span))
			continue;
		if (choice->callee ? call_named(t, &span, choice->callee)
				   : call_lock_word(t->s + span.name, span.name_end - span.name)) {
			choice->best = span;
			return;
		}
	}
}

static bool call_find(struct lockdag_symbols *s, const struct sym_source_file *file,
	const struct sym_frame *frame, const char *callee, struct sym_call *ret)
{
	struct call_choice choice = {.at = SIZE_MAX, .callee = callee};
	struct call_span span, *best = &choice.best;
	size_t from = 0, middle;
	struct call_text t;

	t.s = file->text;
	t.n = sym_source_offset(file, frame->line + CALL_LINES_BEHIND);
	choice.low = sym_source_offset(file, frame->line);
	choice.high = sym_source_offset(file, frame->line + 1);
	if (frame->column && choice.low + frame->column - 1 < choice.high)
		choice.at = choice.low + frame->column - 1;
	if (frame->line > CALL_LINES_BEFORE)
		from = sym_source_offset(file, frame->line - CALL_LINES_BEFORE);
	middle = choice.at != SIZE_MAX ? choice.at : choice.low;
	if (middle - from > CALL_MAX_WINDOW)
		from = middle - CALL_MAX_WINDOW;
	for (size_t i = from; i < t.n && i < choice.high + 200 && i < middle + CALL_MAX_WINDOW;
		i++) {
		if ((t.s[i] == '(' || t.s[i] == '{') && call_parse(&t, i, &span))
			call_consider(&t, &span, &choice);
	}
	if (!choice.best_score)
		return false;
	call_look_inside(&t, &choice);
	ret->name = call_squeeze(s, t.s + best->name, best->name_end - best->name);
	if (best->object_end)
		ret->object = call_squeeze(s, t.s + best->start, best->object_end - best->start);
	call_arguments(s, &t, best, ret);
	call_result(s, &t, best, ret);
	return ret->name != NULL;
}

/* ------------------------------------------------------------------ what is known already */

void sym_calls_forget(struct lockdag_symbols *s)
{
	free(s->calls);
	s->calls = NULL;
	s->n_calls = s->calls_cap = 0;
}

/* Where it is, or belongs. */
static struct sym_known_call *call_slot(
	struct sym_known_call *calls, size_t cap, const struct sym_known_call *key)
{
	uint64_t hash = lockdag_hash_mix((uint64_t)(uintptr_t)key->file ^
					 ((uint64_t)key->line << 32 | key->column) ^
					 (uint64_t)(uintptr_t)key->callee << 20);
	size_t i = hash & (cap - 1);

	while (calls[i].file && (calls[i].file != key->file || calls[i].line != key->line ||
					calls[i].column != key->column ||
					calls[i].callee != key->callee))
		i = (i + 1) & (cap - 1);
	return &calls[i];
}

static bool call_make_room(struct lockdag_symbols *s)
{
	size_t cap = s->calls_cap ? s->calls_cap * 2 : 256;
	struct sym_known_call *calls;

	if (s->n_calls * 2 < s->calls_cap)
		return true;
	calls = calloc(cap, sizeof(*calls));
	if (!calls)
		return false;
	for (size_t i = 0; i < s->calls_cap; i++)
		if (s->calls[i].file)
			*call_slot(calls, cap, &s->calls[i]) = s->calls[i];
	free(s->calls);
	s->calls = calls;
	s->calls_cap = cap;
	return true;
}

bool sym_call_at(struct lockdag_symbols *s, const struct sym_frame *frame, const char *callee,
	struct sym_call *ret)
{
	const struct sym_source_file *file = sym_source(s, frame);
	struct sym_known_call key = {file, frame->line, frame->column, sym_string(s, callee), false, {0}};
	struct sym_known_call *known;

	*ret = (struct sym_call){0};
	if (!file || frame->line > file->lines.n)
		return false;
	if (!call_make_room(s))
		return call_find(s, file, frame, callee, ret);
	known = call_slot(s->calls, s->calls_cap, &key);
	if (!known->file) {
		key.found = call_find(s, file, frame, callee, &key.call);
		*known = key;
		s->n_calls++;
	}
	*ret = known->call;
	return known->found;
}

/* What the variable whose name ends at end is given there; NULL: it is not. */
static const char *call_given(struct lockdag_symbols *s, const struct call_text *t, size_t end)
{
	struct sym_call call = {0};
	struct call_span span;

	while (isspace((unsigned char)t->s[end]))
		end++;
	if (t->s[end] == '=' && t->s[end + 1] != '=')
		return call_squeeze(s, t->s + end + 1, strcspn(t->s + end + 1, ";,\n"));
	if ((t->s[end] != '(' && t->s[end] != '{') || !call_parse(t, end, &span) || !span.declares)
		return NULL;
	call_arguments(s, t, &span, &call);
	return call.n_arguments ? call.arguments[0] : NULL;
}

const char *sym_assigned(
	struct lockdag_symbols *s, const struct sym_frame *frame, const char *name, unsigned first)
{
	const struct sym_source_file *file = sym_source(s, frame);
	size_t n = strlen(name), low;
	struct call_text t;

	if (!file || !first || first > frame->line || !call_is_word(*name))
		return NULL;
	low = sym_source_offset(file, first);
	t = (struct call_text){file->text, file->size};
	for (size_t i = sym_source_offset(file, frame->line + 1); i-- > low;) {
		const char *at = file->text + i, *given;

		if (strncmp(at, name, n) || call_is_word(at[n]) || (i && call_is_word(at[-1])))
			continue;
		given = call_given(s, &t, i + n);
		if (given)
			return given;
	}
	return NULL;
}
