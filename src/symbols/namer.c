/* SPDX-License-Identifier: MIT
 *
 * What a lock that is no static variable is called: namer (a) over the saved frames (owner.c),
 * namer (b) over the text of the call (call.c, argument.c), and what is left when both are silent.
 * The key is Type.member wherever either knows it, so that all sites of a lock make one class.
 */
#include "internal.h"

#include <stdlib.h>
#include <string.h>

#define NAMER_MAX_FRAMES 32
#define NAMER_MAX_CONTEXTS 10

struct namer_frame {
	struct sym_frame frame;
	uint32_t context;
	bool system; /* of a header or library that no one calls "my code" */
};

struct namer {
	struct lockdag_symbols *s;
	const struct lockdag_symbols_snapshot *snapshot;
	struct sym_context contexts[NAMER_MAX_CONTEXTS];
	size_t n_contexts;
	struct namer_frame frames[NAMER_MAX_FRAMES];
	size_t n_frames;
	size_t site; /* the frame whose line is said */

	struct sym_path owner; /* namer (a) */
	bool owned;
	const char *text;             /* namer (b): the argument at the site, or NULL */
	struct sym_argument argument; /* what it is */
	bool condition;               /* not the mutex that is given with it */
	bool event;                   /* a queue, a pipe: its text need not be of a lock's type */
};

/* The functions of one saved frame. Of system libraries nothing is looked at: their debug files
 * are large, and what they hold locks with is not theirs. Frame 0 is: it may be all there is. */
static void namer_add_frames(struct namer *n, uint32_t context)
{
	const struct sym_context *c = &n->contexts[context];
	bool system = sym_is_system_library(c->module->name);
	struct sym_frame found[LOCKDAG_MAX_INLINE];
	size_t k = 1;

	found[0] = (struct sym_frame){.scope = LOCKDAG_NONE, .function = LOCKDAG_NONE};
	if (!system || !context)
		k = sym_frames(
			n->s, c->module, c->offset ? c->offset - 1 : 0, found, LOCKDAG_MAX_INLINE);
	for (size_t j = 0; j < k && n->n_frames < NAMER_MAX_FRAMES; j++) {
		struct namer_frame *f = &n->frames[n->n_frames++];

		f->frame = found[j];
		f->context = context;
		f->system = system || (found[j].path && sym_is_system_path(found[j].path));
	}
}

static void namer_unwind(struct namer *n)
{
	sym_unwind_first(n->s, n->snapshot, &n->contexts[0]);
	if (!n->contexts[0].module)
		return;
	n->n_contexts = 1;
	while (n->n_contexts < NAMER_MAX_CONTEXTS &&
		sym_unwind_next(&n->contexts[n->n_contexts - 1], n->n_contexts - 1,
			&n->contexts[n->n_contexts]))
		n->n_contexts++;
	for (uint32_t i = 0; i < n->n_contexts; i++)
		namer_add_frames(n, i);
}

static size_t namer_next_own(const struct namer *n, size_t from)
{
	for (size_t i = from; i < n->n_frames; i++) {
		if (!n->frames[i].system)
			return i;
	}
	return n->n_frames;
}

/* wanted: the member it must be, or NULL for any. */
static void namer_owner(struct namer *n, const char *wanted)
{
	struct sym_path path;

	for (size_t i = 0; i < n->n_frames; i++) {
		const struct namer_frame *f = &n->frames[i];

		if (!sym_owner_in_frame(&n->contexts[f->context], &f->frame, wanted, &path))
			continue;
		if (path.wrapper && n->owned) {
			sym_path_clear(&path);
			continue;
		}
		sym_path_clear(&n->owner);
		n->owner = path;
		n->owned = true;
		if (!path.wrapper)
			return;
	}
}

static void namer_owner_as_text(struct namer *n)
{
	struct sym_path first = n->owner;
	bool owned = n->owned;

	n->owner = (struct sym_path){0};
	n->owned = false;
	namer_owner(n, n->argument.member);
	if (n->owned && !n->owner.wrapper) {
		sym_path_clear(&first);
		return;
	}
	sym_path_clear(&n->owner);
	n->owner = first;
	n->owned = owned;
}

/* The last part of a function's name as the source has it: "ns::Pool<int>::add" -> "add". */
static const char *namer_last_part(struct lockdag_symbols *s, const char *name)
{
	size_t n = name ? strlen(name) : 0, depth = 0, i;

	if (n && name[n - 1] == '>') {
		for (i = n; i-- > 0;) {
			if (name[i] == '>')
				depth++;
			else if (name[i] == '<' && --depth == 0)
				break;
		}
		n = i < n ? i : n;
	}
	for (i = n; i > 0 && name[i - 1] != ':'; i--)
		;
	return n ? sym_string_n(s, name + i, n - i) : NULL;
}

static bool namer_starts(const char *name, const char *with)
{
	return !strncmp(name, with, strlen(with));
}

/* Of a call, besides a parameter's number. */
enum { NAMER_OBJECT = -1, NAMER_RESULT = -2 };

/* Which text of a call is the lock. */
static const char *namer_pick(
	struct namer *n, const struct sym_frame *frame, const struct sym_call *call, int wanted)
{
	struct sym_argument first, other;
	const char *text = NULL;

	if (wanted == NAMER_RESULT)
		return call->result;
	if (wanted == NAMER_OBJECT)
		return call->object ? call->object : call->n_arguments ? call->arguments[0] : NULL;
	if (wanted > 0)
		return (size_t)wanted < call->n_arguments ? call->arguments[wanted] : NULL;
	if (!n->condition &&
		(namer_starts(call->name, "pthread_cond_") || namer_starts(call->name, "cnd_") ||
			namer_starts(call->name, "g_cond_")))
		return call->n_arguments > 1 ? call->arguments[1] : NULL;
	if (namer_starts(call->name, "socketpair"))
		return call->n_arguments > 3 ? call->arguments[3] : NULL;
	if (namer_starts(call->name, "openat"))
		return call->n_arguments > 1 ? call->arguments[1] : NULL;
	if (call->object && !call->n_arguments)
		return call->object;
	if (!call->n_arguments)
		return NULL;
	text = call->arguments[0];
	/* scoped_lock of several: which of them is not told, unless all are of one class */
	sym_argument(n->s, frame, text, NULL, &first);
	for (size_t i = 1; i < call->n_arguments; i++) {
		sym_argument(n->s, frame, call->arguments[i], NULL, &other);
		if (other.kind == SYM_ARGUMENT_MEMBER && other.lock &&
			(first.kind != SYM_ARGUMENT_MEMBER || first.member != other.member))
			return first.lock ? NULL : call->arguments[i];
	}
	return text;
}

/* "m = &dev->lock" or "std::unique_lock lk(dev->lock)" a few lines above: neither m nor lk is what
 * people call it. */
static const char *namer_alias(struct namer *n, const struct sym_frame *frame, const char *text,
	const uint64_t *inner, struct sym_argument *ret)
{
	Dwarf_Die *function = &frame->unit->nodes.items[frame->function].die;
	struct sym_argument argument;
	const char *assigned;
	uint64_t line = 0;

	sym_die_number(function, DW_AT_decl_line, &line);
	assigned = sym_assigned(n->s, frame, text, (unsigned)line);
	if (!assigned)
		return text;
	sym_argument(n->s, frame, assigned, inner, &argument);
	if (argument.kind != SYM_ARGUMENT_MEMBER)
		return text;
	*ret = argument;
	return assigned;
}

/* "ns::Guard<int>::Guard": clang's complete constructor calls the base one, on no line of its own.
 */
static bool namer_is_constructor(struct lockdag_symbols *s, const char *name)
{
	const char *last = namer_last_part(s, name), *class;
	size_t n = name ? strlen(name) : 0, k = last ? strlen(last) : 0;

	if (!k || n < 2 * k + 2 || strcmp(name + n - k, last))
		return false;
	class = namer_last_part(s, sym_string_n(s, name, n - k - 2));
	return class && !strcmp(class, last);
}

/* Outwards from the call while the text only hands on what the caller gave. */
static void namer_text(struct namer *n)
{
	size_t i = namer_next_own(n, 0);
	struct sym_argument argument;
	const uint64_t *inner = NULL; /* within what the caller gave */
	struct sym_call call;
	uint64_t at = 0;
	int wanted = 0;

	n->site = i < n->n_frames ? i : 0;
	for (; i < n->n_frames; i = namer_next_own(n, i + 1)) {
		const struct sym_frame *frame = &n->frames[i].frame;
		const char *callee = i ? namer_last_part(n->s, n->frames[i - 1].frame.name) : NULL;
		const char *text;

		if (i && frame->name && frame->name == n->frames[i - 1].frame.name &&
			namer_is_constructor(n->s, frame->name))
			continue;
		if (!sym_call_at(n->s, frame, callee, &call))
			return;
		if (!wanted && n->event && namer_starts(call.name, "eventfd"))
			wanted = NAMER_RESULT;
		text = namer_pick(n, frame, &call, wanted);
		if (wanted == NAMER_RESULT && !text) {
			if (call.returned)
				continue;
			return;
		}
		sym_argument(n->s, frame, text, inner, &argument);
		if (text && (argument.kind == SYM_ARGUMENT_LOCAL ||
				    argument.kind == SYM_ARGUMENT_NO_LOCK))
			text = namer_alias(n, frame, text, inner, &argument);
		/* Also when we go on: better than nothing if the caller's text is not to be had. */
		n->site = i;
		n->text = text && *argument.rest ? sym_stringf(n->s, "%s%s", text, argument.rest) : text;
		n->argument = argument;
		if (argument.kind == SYM_ARGUMENT_PARAMETER && argument.within) {
			at = argument.inner;
			inner = &at;
		}
		if (argument.kind == SYM_ARGUMENT_PARAMETER)
			wanted = (int)argument.parameter;
		else if (argument.kind == SYM_ARGUMENT_THIS)
			wanted = NAMER_OBJECT;
		else
			return;
	}
}

/* Without source: past functions that take a lock by pointer, and methods of classes that wrap
 * one; their own line says nothing. */
static bool namer_is_wrapper(struct namer *n, const struct sym_frame *frame)
{
	Dwarf_Die child, type;
	const char *name;

	if (!frame->unit || frame->function == LOCKDAG_NONE ||
		!sym_die_child(&frame->unit->nodes.items[frame->function].die, &child))
		return false;
	do {
		if (dwarf_tag(&child) != DW_TAG_formal_parameter)
			continue;
		if (!sym_die_type(&child, &type) || !sym_die_peel(&type, &type) ||
			!sym_die_is_pointer(&type) || !sym_die_type(&type, &type))
			continue;
		if (sym_type_is_lock(&type))
			return true;
		name = sym_die_peel(&type, &type) && sym_die_is_class(&type)
			       ? sym_die_qualified(n->s, &type)
			       : NULL;
		if (name && (sym_lock_like_name(name) || sym_type_only_locks(&type)))
			return true;
	} while (sym_die_next(&child));
	return false;
}

static void namer_site_without_text(struct namer *n)
{
	size_t i = n->site, next;

	while (i < n->n_frames && namer_is_wrapper(n, &n->frames[i].frame)) {
		next = namer_next_own(n, i + 1);
		if (next >= n->n_frames)
			break;
		i = next;
	}
	if (i < n->n_frames)
		n->site = i;
}

/* "pool.c:120", "bank+0x1234" */
static const char *namer_where(struct namer *n)
{
	const struct sym_frame *frame = &n->frames[n->site].frame;
	const struct sym_context *c = &n->contexts[n->frames[n->site].context];

	if (frame->file && frame->line)
		return sym_stringf(n->s, "%s:%u", sym_base_name(frame->file), frame->line);
	return sym_stringf(n->s, "%s+0x%llx", c->module->name, (unsigned long long)c->offset);
}

static const char *namer_by_site(struct namer *n, bool init, const char *type_word)
{
	const struct sym_frame *frame = &n->frames[n->site].frame;
	const char *done = init ? "initialised" : "first locked";

	if (frame->name)
		return sym_stringf(
			n->s, "%s %s at %s (%s)", type_word, done, namer_where(n), frame->name);
	return sym_stringf(n->s, "%s %s at %s", type_word, done, namer_where(n));
}

/* A text that names the lock, not a parameter or a macro's object. */
static bool namer_text_tells(const struct namer *n)
{
	switch (n->argument.kind) {
	case SYM_ARGUMENT_MEMBER:
	case SYM_ARGUMENT_LOCAL:
	case SYM_ARGUMENT_GLOBAL:
		return n->text != NULL;
	case SYM_ARGUMENT_NO_LOCK:
		return n->text && n->event;
	case SYM_ARGUMENT_OTHER:
		/* of no known type (no DWARF for it, a cast, a macro's): when it looks like a
		 * member or an address */
		return n->text && n->text[0] != '"' && (n->text[0] == '&' || strstr(n->text, "->") ||
					  strchr(n->text, '.') || strchr(n->text, '['));
	default:
		return false;
	}
}

static const char *namer_key_by_site(struct namer *n)
{
	const struct sym_frame *frame = &n->frames[n->site].frame;
	const struct sym_context *c = &n->contexts[n->frames[n->site].context];
	const struct sym_elf_symbol *symbol;
	Dwarf_Addr low;

	if (frame->unit && frame->function != LOCKDAG_NONE && !frame->inlined && frame->name &&
		!dwarf_lowpc(&frame->unit->nodes.items[frame->function].die, &low) &&
		low <= c->offset)
		return sym_stringf(n->s, "%s!%s+0x%llx", c->module->name, frame->name,
			(unsigned long long)(c->offset - low));
	symbol = sym_elf_function(c->module, c->offset ? c->offset - 1 : 0);
	if (symbol)
		return sym_stringf(n->s, "%s!%s+0x%llx", c->module->name,
			frame->name ? frame->name : symbol->name,
			(unsigned long long)(c->offset - symbol->value));
	return sym_stringf(n->s, "%s+0x%llx", c->module->name, (unsigned long long)c->offset);
}

/* Type.member that one of the namers is sure of; (a) goes first: it never named a wrong type. */
static const char *namer_member(const struct namer *n)
{
	if (n->owned && n->owner.member && !n->owner.wrapper)
		return n->owner.member;
	if (n->argument.kind == SYM_ARGUMENT_MEMBER && n->argument.member && !n->argument.wrapper)
		return n->argument.member;
	return NULL;
}

static const char *namer_key(struct namer *n, const char *member)
{
	const char *module = n->contexts[n->frames[n->site].context].module->name;
	const char *function = n->frames[n->site].frame.name;
	const char *text = n->text && *n->text == '&' ? n->text + 1 : n->text;

	if (member)
		return sym_stringf(n->s, "%s!%s", module, member);
	if (namer_text_tells(n) && n->argument.kind == SYM_ARGUMENT_GLOBAL)
		return sym_stringf(n->s, "%s!%s", module, text);
	if (namer_text_tells(n))
		return sym_stringf(n->s, "%s!%s:%s", module, function ? function : "", text);
	if (n->owned && n->owner.local)
		return sym_stringf(
			n->s, "%s!%s:%s", module, function ? function : "", n->owner.local);
	if (n->owned && n->owner.member)
		return sym_stringf(n->s, "%s!%s", module, n->owner.member);
	return namer_key_by_site(n);
}

static const char *namer_display(
	struct namer *n, const char *member, bool init, const char *type_word)
{
	const char *text = n->text;

	if (init && namer_text_tells(n))
		return text;
	if (member)
		return member;
	if (namer_text_tells(n))
		return *text == '&' ? text + 1 : text;
	if (n->owned && n->owner.local)
		return n->owner.local;
	if (n->owned && n->owner.member)
		return n->owner.member;
	return namer_by_site(n, init, type_word);
}

int lockdag_symbols_lock_name(struct lockdag_symbols *s,
	const struct lockdag_symbols_snapshot *snapshot, bool init, const char *type_word,
	struct lockdag_symbols_name *ret_name)
{
	struct namer *n = calloc(1, sizeof(*n));
	struct lockdag_symbols_name name = {0};
	const char *member;

	if (!n)
		goto none;
	n->s = s;
	n->snapshot = snapshot;
	n->condition = !strcmp(type_word, "condition");
	n->event = !strcmp(type_word, "event") || !strcmp(type_word, "file") ||
		   !strcmp(type_word, "stream");
	namer_unwind(n);
	if (!n->n_frames)
		goto none;
	namer_owner(n, NULL);
	namer_text(n);
	/* Two variables of different types may point at one place: memory that was given back, a
	 * union. When one of them is what the text says, it is that one. */
	if (n->owned && n->owner.member && n->argument.kind == SYM_ARGUMENT_MEMBER &&
		n->argument.member && !n->argument.wrapper &&
		strcmp(n->owner.member, n->argument.member))
		namer_owner_as_text(n);
	if (!n->text || n->argument.kind == SYM_ARGUMENT_PARAMETER ||
		n->argument.kind == SYM_ARGUMENT_THIS)
		namer_site_without_text(n);
	member = namer_member(n);
	name.name = name.class_name = namer_display(n, member, init, type_word);
	name.key = namer_key(n, member);
	name.where = namer_where(n);
	sym_path_clear(&n->owner);
	free(n);
	*ret_name = name;
	return 0;
none:
	free(n);
	name.name = name.class_name = sym_stringf(
		s, "%s %s at an unknown place", type_word, init ? "initialised" : "first locked");
	*ret_name = name;
	return 0;
}
