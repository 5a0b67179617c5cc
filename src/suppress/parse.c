/* SPDX-License-Identifier: MIT
 *
 * The forms of suppressions, line by line. Own: a section [NAME] with lines KEY = VALUE.
 * ThreadSanitizer: lines TYPE:PATTERN. Valgrind: blocks { name, TOOL:KIND, frames }. A baseline:
 * lines ID GRADE KIND TITLE. Lines that begin with # are comments everywhere.
 */
#include "suppress/forms.h"

#include <ctype.h>
#include <dlfcn.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

struct parse {
	struct lockdag_suppressions *s;
	const char *file;
	struct lockdag_suppress_error *error;
	unsigned line;
	const char *start;                    /* of the line, for columns */
	LOCKDAG_VEC(struct suppression) made; /* go into the list when all went well */
	bool section;                         /* the last one is open for KEY = VALUE */
	enum { BLOCK_NONE, BLOCK_NAME, BLOCK_TOOL, BLOCK_FRAMES, BLOCK_OTHER } block;
	unsigned block_line;
	char *block_name;
};

LOCKDAG_PRINTF(3, 4)
static int parse_fail(struct parse *p, const char *at, const char *fmt, ...)
{
	va_list ap;

	p->error->line = p->line;
	p->error->column = at && at >= p->start ? (unsigned)(at - p->start) + 1 : 1;
	va_start(ap, fmt);
	vsnprintf(p->error->message, sizeof(p->error->message), fmt, ap);
	va_end(ap);
	return -EINVAL;
}

/* ------------------------------------------------------------------ rows */

static struct suppression *parse_new(struct parse *p, const char *name, size_t n)
{
	struct suppression *x = lockdag_vec_push(&p->made);

	if (!x)
		return NULL;
	x->name = strndup(name, n);
	x->file = p->file;
	x->line = p->line;
	return x->name ? x : NULL;
}

static int parse_add(
	struct suppression *x, enum suppress_what what, const char *pattern, uint64_t value)
{
	struct suppress_condition *c = lockdag_vec_push(&x->conditions);

	if (!c)
		return -ENOMEM;
	c->what = what;
	c->value = value;
	c->pattern = pattern ? strdup(pattern) : NULL;
	return pattern && !c->pattern ? -ENOMEM : 0;
}

static char *parse_word(const char *s, size_t n)
{
	while (n && isspace((unsigned char)s[n - 1]))
		n--;
	while (n && isspace((unsigned char)*s)) {
		s++;
		n--;
	}
	return strndup(s, n);
}

/* ------------------------------------------------------------------ our own form */

static int parse_header(struct parse *p, const char *s, size_t n)
{
	size_t end = n;

	while (end && isspace((unsigned char)s[end - 1]))
		end--;
	if (end < 3 || s[end - 1] != ']')
		return parse_fail(
			p, s, "a section begins with its name in brackets: [why it is known]");
	p->section = true;
	return parse_new(p, s + 1, end - 2) ? 0 : -ENOMEM;
}

static bool parse_is_kind(const char *word)
{
	for (int kind = LOCKDAG_FINDING_CYCLE; kind <= LOCKDAG_FINDING_HANG; kind++)
		if (!strcmp(word, lockdag_finding_kind_word((enum lockdag_finding_kind)kind)))
			return true;
	return false;
}

static bool parse_rule_exists(const char *pattern)
{
	for (int rule = 0; rule < LOCKDAG_N_MISUSES; rule++)
		if (suppress_glob(pattern, lockdag_misuse_word((enum lockdag_misuse_rule)rule)))
			return true;
	return false;
}

static bool parse_hex(const char *word, uint64_t *ret)
{
	char *end;

	if (strlen(word) != 16 || strspn(word, "0123456789abcdefABCDEF") != 16)
		return false;
	*ret = strtoull(word, &end, 16);
	return true;
}

static int parse_value(struct parse *p, const char *at, const char *key, const char *value)
{
	static const struct {
		const char *key;
		enum suppress_what what;
	} patterns[] = {{"lock", SUPPRESS_LOCK}, {"function", SUPPRESS_FUNCTION},
		{"module", SUPPRESS_MODULE}, {"file", SUPPRESS_FILE}};
	struct suppression *x = &p->made.items[p->made.n - 1];
	enum lockdag_grade grade;
	uint64_t id;

	if (!*value)
		return parse_fail(p, at, "a value is missing after '%s ='", key);
	for (size_t i = 0; i < LOCKDAG_ARRAY_SIZE(patterns); i++)
		if (!strcmp(key, patterns[i].key))
			return parse_add(x, patterns[i].what, value, 0);
	if (!strcmp(key, "kind"))
		return parse_is_kind(value) ? parse_add(x, SUPPRESS_KIND, value, 0)
					    : parse_fail(p, at, "kind is cycle, misuse or hang");
	if (!strcmp(key, "rule"))
		return parse_rule_exists(value)
			       ? parse_add(x, SUPPRESS_RULE, value, 0)
			       : parse_fail(
					 p, at, "no rule is called so (docs/misuse.md lists them)");
	if (!strcmp(key, "id"))
		return parse_hex(value, &id) ? parse_add(x, SUPPRESS_ID, NULL, id)
					     : parse_fail(p, at, "an id has 16 hexadecimal digits");
	if (!strcmp(key, "grade"))
		return lockdag_grade_parse(value, &grade) == 0
			       ? parse_add(x, SUPPRESS_GRADE, NULL, (uint64_t)grade)
			       : parse_fail(p, at,
					 "grade is one of unlikely, possible, ..., happened");
	return parse_fail(p, at,
		"unknown key '%.20s': kind, rule, id, grade, lock, function, module or file", key);
}

static int parse_pair(struct parse *p, const char *s, size_t n, const char *equals)
{
	char *key = parse_word(s, (size_t)(equals - s));
	char *value = parse_word(equals + 1, n - (size_t)(equals + 1 - s));
	int r = key && value ? parse_value(p, s, key, value) : -ENOMEM;

	free(key);
	free(value);
	return r;
}

/* A section that says nothing would suppress everything. */
static int parse_close(struct parse *p)
{
	const struct suppression *x;
	unsigned line = p->line;

	if (!p->section)
		return 0;
	p->section = false;
	x = &p->made.items[p->made.n - 1];
	if (x->conditions.n)
		return 0;
	p->line = x->line;
	parse_fail(p, NULL, "nothing follows [%.60s]: a line such as 'lock = NAME' is missing",
		x->name);
	p->line = line;
	return -EINVAL;
}

/* ------------------------------------------------------------------ ThreadSanitizer's lines */

/* Theirs fit anywhere in a name, unless ^ and $ tie them to its ends. */
static char *parse_tsan_pattern(const char *s, size_t n)
{
	struct lockdag_text t = {0};

	if (n && *s == '^') {
		s++;
		n--;
	} else {
		lockdag_text_add(&t, "*");
	}
	lockdag_text_add_n(&t, s, n && s[n - 1] == '$' ? n - 1 : n);
	if (!n || s[n - 1] != '$')
		lockdag_text_add(&t, "*");
	return lockdag_text_take(&t);
}

static int parse_tsan(struct parse *p, const char *s, size_t n, const char *colon, const char *kind)
{
	struct suppression *x;
	char *pattern;
	int r;

	while (n && isspace((unsigned char)s[n - 1]))
		n--;
	if (!kind)
		return 0; /* of a report that lockdag does not make */
	if (colon + 1 >= s + n)
		return parse_fail(p, colon, "a pattern is missing behind the colon");
	x = parse_new(p, s, n);
	pattern = parse_tsan_pattern(colon + 1, n - (size_t)(colon + 1 - s));
	r = x && pattern ? parse_add(x, SUPPRESS_KIND, kind, 0) : -ENOMEM;
	if (!r)
		r = parse_add(x, SUPPRESS_ANY, pattern, 0);
	free(pattern);
	return r;
}

/* ------------------------------------------------------------------ Valgrind's blocks */

/* Valgrind's patterns name C++ functions as the linker does. */
static char *parse_function_pattern(struct parse *p, const char *s)
{
	struct lockdag_suppressions *list = p->s;
	char *text = NULL, *copy;
	int status = -1;

	if (strncmp(s, "_Z", 2) || strpbrk(s, "*?"))
		return strdup(s);
	if (!list->demangle_tried) {
		void *library = dlopen("libstdc++.so.6", RTLD_NOW | RTLD_LOCAL);

		list->demangle_tried = true;
		if (library)
			*(void **)&list->demangle = dlsym(library, "__cxa_demangle");
	}
	if (list->demangle)
		text = list->demangle(s, NULL, NULL, &status);
	copy = strdup(status == 0 && text ? text : s);
	free(text);
	return copy;
}

static int parse_frame(struct parse *p, const char *at, const char *word)
{
	static const struct {
		const char *head;
		enum suppress_frame_what what;
	} heads[] = {{"fun:", SUPPRESS_FRAME_FUNCTION}, {"obj:", SUPPRESS_FRAME_OBJECT},
		{"src:", SUPPRESS_FRAME_SOURCE}};
	struct suppression *x = &p->made.items[p->made.n - 1];
	struct suppress_frame *frame;

	if (!strcmp(word, "...")) {
		frame = lockdag_vec_push(&x->frames);
		if (!frame)
			return -ENOMEM;
		frame->what = SUPPRESS_FRAME_REST;
		return 0;
	}
	for (size_t i = 0; i < LOCKDAG_ARRAY_SIZE(heads); i++) {
		if (strncmp(word, heads[i].head, 4) || !word[4])
			continue;
		frame = lockdag_vec_push(&x->frames);
		if (!frame)
			return -ENOMEM;
		frame->what = heads[i].what;
		frame->pattern = heads[i].what == SUPPRESS_FRAME_FUNCTION
					 ? parse_function_pattern(p, word + 4)
					 : strdup(word + 4);
		return frame->pattern ? 0 : -ENOMEM;
	}
	return parse_fail(p, at, "a frame is fun:NAME, obj:FILE, src:FILE[:LINE] or ...");
}

/* "Helgrind:LockOrder", "Memcheck,Helgrind:LockOrder". */
static int parse_tool(struct parse *p, const char *at, char *word)
{
	char *colon = strchr(word, ':'), *tool, *rest = word;
	const char *kind = NULL, *rule = NULL;
	struct suppression *x;
	bool ours = false;
	int r;

	if (!colon)
		return parse_fail(p, at,
			"the second line of a block is TOOL:KIND, such as Helgrind:LockOrder");
	*colon = 0;
	while ((tool = strsep(&rest, ",")))
		ours = ours || !strcmp(tool, "Helgrind");
	p->block = BLOCK_OTHER;
	if (!ours || !suppress_helgrind_word(colon + 1, &kind, &rule))
		return 0;
	p->block = BLOCK_FRAMES;
	x = parse_new(p, p->block_name, strlen(p->block_name));
	if (!x)
		return -ENOMEM;
	x->line = p->block_line;
	r = parse_add(x, SUPPRESS_KIND, kind, 0);
	return r == 0 && rule ? parse_add(x, SUPPRESS_RULE, rule, 0) : r;
}

static int parse_block_end(struct parse *p, const char *at)
{
	int r = 0;

	if (p->block == BLOCK_NAME || p->block == BLOCK_TOOL)
		return parse_fail(
			p, at, "a block has a name, a line TOOL:KIND and frames before its }");
	if (p->block == BLOCK_FRAMES) {
		struct suppression *x = &p->made.items[p->made.n - 1];

		if (!x->frames.n)
			return parse_fail(p, at, "a block has one frame at least (... for any)");
		r = parse_add(x, SUPPRESS_FRAMES, NULL, 0);
	}
	p->block = BLOCK_NONE;
	free(p->block_name);
	p->block_name = NULL;
	return r;
}

static int parse_block(struct parse *p, const char *s, size_t n)
{
	char *word = parse_word(s, n);
	int r = 0;

	if (!word)
		return -ENOMEM;
	if (!strcmp(word, "}")) {
		r = parse_block_end(p, s);
	} else if (p->block == BLOCK_NAME) {
		p->block_name = word;
		p->block = BLOCK_TOOL;
		return 0;
	} else if (p->block == BLOCK_TOOL) {
		r = parse_tool(p, s, word);
	} else if (p->block == BLOCK_FRAMES) {
		r = parse_frame(p, s, word);
	}
	free(word);
	return r;
}

/* ------------------------------------------------------------------ a baseline's lines */

/* A finding that has become stronger than it was is news. */
static int parse_known(struct parse *p, const struct lockdag_known *known)
{
	struct suppression *x = parse_new(p, known->title, strlen(known->title));
	int r = x ? parse_add(x, SUPPRESS_ID, NULL, known->id) : -ENOMEM;

	return r == 0 ? parse_add(x, SUPPRESS_GRADE, NULL, (uint64_t)known->grade) : r;
}

/* ------------------------------------------------------------------ lines */

static int parse_plain(struct parse *p, const char *s, size_t n)
{
	const char *colon = memchr(s, ':', n), *equals = memchr(s, '=', n), *kind = NULL;
	struct lockdag_known known;
	int r;

	if (suppress_parse_known(s, n, &known)) {
		r = parse_close(p);
		if (r == 0)
			r = parse_known(p, &known);
		free(known.kind);
		free(known.title);
		return r;
	}
	if (colon && suppress_tsan_word(s, (size_t)(colon - s), &kind)) {
		r = parse_close(p);
		return r ? r : parse_tsan(p, s, n, colon, kind);
	}
	if (p->section && equals)
		return parse_pair(p, s, n, equals);
	return parse_fail(p, s,
		"not understood: a section [NAME] with lines KEY = VALUE, a line deadlock:PATTERN "
		"or "
		"mutex:PATTERN, or a block of Valgrind's in { }");
}

static int parse_line(struct parse *p, const char *s, size_t n)
{
	int r;

	while (n && isspace((unsigned char)*s)) {
		s++;
		n--;
	}
	if (!n || *s == '#')
		return 0;
	if (memchr(s, 0, n))
		return parse_fail(p, s, "a zero byte: this is no text");
	if (p->block != BLOCK_NONE)
		return parse_block(p, s, n);
	if (*s == '[' || *s == '{') {
		r = parse_close(p);
		if (r || *s == '[')
			return r ? r : parse_header(p, s, n);
		p->block = BLOCK_NAME;
		p->block_line = p->line;
		for (s++, n--; n && isspace((unsigned char)*s); n--)
			s++;
		return n ? parse_fail(p, s, "the { of a block stands alone on its line") : 0;
	}
	return parse_plain(p, s, n);
}

static int parse_lines(struct parse *p, const char *text, size_t n)
{
	int r = 0;

	for (const char *s = text, *end = text + n; r == 0 && s < end;) {
		const char *next = memchr(s, '\n', (size_t)(end - s));
		size_t length = next ? (size_t)(next - s) : (size_t)(end - s);

		p->line++;
		p->start = s;
		r = parse_line(p, s, length);
		s += length + 1;
	}
	if (r == 0 && p->block != BLOCK_NONE) {
		p->line = p->block_line;
		r = parse_fail(p, NULL, "this block has no } at its end");
	}
	return r ? r : parse_close(p);
}

int lockdag_suppressions_parse(struct lockdag_suppressions *s, const char *file, const char *text,
	size_t n, struct lockdag_suppress_error *error)
{
	struct parse p = {.s = s, .error = error};
	char **name = lockdag_vec_push(&s->files);
	int r = 0;

	if (!name)
		return -ENOMEM;
	*name = strdup(file);
	if (!*name)
		return -ENOMEM;
	p.file = *name;
	r = parse_lines(&p, text, n);
	for (size_t i = 0; i < p.made.n; i++) {
		struct suppression *x = r == 0 ? lockdag_vec_push(&s->items) : NULL;

		if (x)
			*x = p.made.items[i];
		else
			suppression_done(&p.made.items[i]);
		if (r == 0 && !x)
			r = -ENOMEM;
	}
	lockdag_vec_clear(&p.made);
	free(p.block_name);
	return r;
}
