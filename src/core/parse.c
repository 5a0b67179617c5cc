/* SPDX-License-Identifier: MIT
 *
 * The model's text form (docs/model.md), read record by record. Strict: what is not understood is
 * an error with its line and column, for a fixture with a slip in it must not pass silently.
 */
#include "core/parse.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/arena.h"
#include "core/text_form.h"

static bool parse_label_ok(const char *s)
{
	if (!*s || (*s >= '0' && *s <= '9') || !strcmp(s, "-") || !strcmp(s, "asks") ||
		!strcmp(s, "signals"))
		return false;
	return !strpbrk(s, "#:!@,\"");
}

/* The label in field 1 of the line, for the row that add will make. */
static int parse_label(struct parse *p, const char **ret_label)
{
	struct lex_field *f = &p->lex.fields.items[1];

	if (p->lex.fields.n < 2 || f->key)
		return lex_error(&p->lex, p->lex.fields.items[0].column, "\"%s\" needs a label",
			p->lex.fields.items[0].value);
	if (!parse_label_ok(f->value))
		return lex_error(&p->lex, f->column,
			"a label starts with no digit and has none of # : ! @ , in it");
	*ret_label = f->value;
	return 0;
}

/* Gives the row of an add function its label. */
static int parse_define(struct parse *p, enum parse_kind kind, const char *label, int row)
{
	int r;

	if (row < 0)
		return row;
	r = labels_add(&p->labels[kind], p->arena, label, (uint32_t)row);
	if (r == -EEXIST)
		return lex_error(&p->lex, p->lex.fields.items[1].column,
			"a %s \"%.40s\" is defined already", parse_kind_word(kind), label);
	return r;
}

/* Makes the run and process that a text may leave out. */
static int parse_need_process(struct parse *p)
{
	const struct lockdag_process process = {.pid = 1};
	int r;

	if (!p->m->runs.n) {
		r = lockdag_model_add_run(p->m, NULL);
		if (r < 0)
			return r;
	}
	if (p->m->processes.n)
		return 0;
	r = lockdag_model_add_process(p->m, &process);
	return r < 0 ? r : 0;
}

static int parse_run(struct parse *p)
{
	static const struct parse_spec specs[] = {
		SPEC("label", PARSE_STRING, lockdag_run, label), SPEC_END};
	struct lockdag_run row = {0};
	const char *label;
	int r = parse_label(p, &label);

	row.label = label;
	if (!r)
		r = parse_fields(p, 2, specs, &row, NULL);
	return r ? r : parse_define(p, PARSE_RUN, label, lockdag_model_add_run(p->m, row.label));
}

static int parse_process(struct parse *p)
{
	static const struct parse_spec specs[] = {SPEC_REF("run", lockdag_process, run, PARSE_RUN),
		SPEC("pid", PARSE_I32, lockdag_process, pid),
		SPEC("name", PARSE_STRING, lockdag_process, name), SPEC_END};
	struct lockdag_process row = {.pid = (int32_t)p->m->processes.n + 1};
	const char *label;
	int r = parse_label(p, &label);

	row.name = label;
	if (!r)
		r = parse_fields(p, 2, specs, &row, NULL);
	if (!r && !p->m->runs.n) {
		r = lockdag_model_add_run(p->m, NULL);
		r = r < 0 ? r : 0;
	}
	return r ? r : parse_define(p, PARSE_PROCESS, label, lockdag_model_add_process(p->m, &row));
}

static int parse_thread(struct parse *p)
{
	static const struct parse_spec specs[] = {
		SPEC_REF("process", lockdag_thread, process, PARSE_PROCESS),
		SPEC("tid", PARSE_I32, lockdag_thread, tid),
		SPEC("name", PARSE_STRING, lockdag_thread, name),
		SPEC("role", PARSE_STRING, lockdag_thread, role),
		SPEC("parent", PARSE_LATER, lockdag_thread, parent),
		SPEC("create", PARSE_U32, lockdag_thread, create_phase),
		SPEC("joiner", PARSE_LATER, lockdag_thread, joiner),
		SPEC("join", PARSE_U32, lockdag_thread, join_phase),
		SPEC("first-fork", PARSE_U32, lockdag_thread, first_fork),
		SPEC("last-fork", PARSE_U32, lockdag_thread, last_fork), SPEC_END};
	struct lockdag_thread row = {.tid = (int32_t)p->m->threads.n + 1,
		.parent = LOCKDAG_NONE,
		.joiner = LOCKDAG_NONE,
		.last_fork = LOCKDAG_NONE};
	const char *label;
	int r = parse_label(p, &label);

	row.name = label;
	if (!r)
		r = parse_fields(p, 2, specs, &row, NULL);
	if (!r)
		r = parse_need_process(p);
	return r ? r : parse_define(p, PARSE_THREAD, label, lockdag_model_add_thread(p->m, &row));
}

static int parse_module(struct parse *p)
{
	static const struct parse_spec specs[] = {SPEC("path", PARSE_STRING, lockdag_module, path),
		SPEC("build-id", PARSE_STRING, lockdag_module, build_id), SPEC_END};
	struct lockdag_module row = {0};
	const char *label;
	int r = parse_label(p, &label);

	row.path = label;
	if (!r)
		r = parse_fields(p, 2, specs, &row, NULL);
	return r ? r
		 : parse_define(p, PARSE_MODULE, label,
			   lockdag_model_add_module(p->m, row.path, row.build_id));
}

static int parse_stack(struct parse *p)
{
	static const struct parse_spec specs[] = {
		SPEC("raw", PARSE_RAW, lockdag_stack, raw), SPEC_END};
	struct lockdag_stack row;
	const char *label;
	int r = parse_label(p, &label);

	p->raw.n = 0;
	if (!r)
		r = parse_fields(p, 2, specs, &row, NULL);
	if (!r)
		r = parse_define(p, PARSE_STACK, label,
			lockdag_model_add_stack(p->m, p->raw.items, p->raw.n));
	p->in_stack = !r;
	return r;
}

static int parse_frame(struct parse *p)
{
	static const struct parse_spec specs[] = {
		SPEC("function", PARSE_STRING, lockdag_frame, function),
		SPEC("file", PARSE_STRING, lockdag_frame, file),
		SPEC("line", PARSE_U32, lockdag_frame, line),
		SPEC("module", PARSE_STRING, lockdag_frame, module),
		SPEC("offset", PARSE_U64, lockdag_frame, offset),
		SPEC("inlined", PARSE_SET, lockdag_frame, inlined), SPEC_END};
	struct lockdag_frame *row;

	if (!p->in_stack)
		return lex_error(&p->lex, p->lex.fields.items[0].column,
			"a frame stands only behind a stack or another frame");
	row = lockdag_vec_push(&p->frames);
	if (!row)
		return -ENOMEM;
	if (parse_fields(p, 1, specs, row, NULL) < 0)
		return -EINVAL;
	if (!lockdag_arena_string(p->frame_strings, row->function, &row->function) ||
		!lockdag_arena_string(p->frame_strings, row->file, &row->file) ||
		!lockdag_arena_string(p->frame_strings, row->module, &row->module))
		return -ENOMEM;
	return 0;
}

/* Gives the last stack its frames, when the line at hand is none of them any more. */
static int parse_end_stack(struct parse *p)
{
	int r = 0;

	if (p->frames.n)
		r = lockdag_model_describe_stack(
			p->m, (uint32_t)p->m->stacks.n - 1, p->frames.items, p->frames.n);
	p->frames.n = 0;
	p->in_stack = false;
	return r;
}

static int parse_birth(struct parse *p)
{
	static const struct parse_spec specs[] = {
		SPEC_WORDS("type", PARSE_WORD, lockdag_birth, type, lockdag_words_types),
		SPEC_WORDS("attributes", PARSE_BITS, lockdag_birth, attributes,
			lockdag_words_attributes),
		SPEC_WORDS("how", PARSE_WORD, lockdag_birth, how, lockdag_words_birth_how),
		SPEC_REF("stack", lockdag_birth, stack, PARSE_STACK),
		SPEC("name", PARSE_STRING, lockdag_birth, name),
		SPEC("key", PARSE_STRING, lockdag_birth, key),
		SPEC("where", PARSE_STRING, lockdag_birth, where), SPEC_END};
	struct lockdag_birth row = {.stack = LOCKDAG_NONE};
	const char *label;
	int r = parse_label(p, &label);

	if (!r)
		r = parse_fields(p, 2, specs, &row, NULL);
	return r ? r : parse_define(p, PARSE_BIRTH, label, lockdag_model_add_birth(p->m, &row));
}

struct parse_lock_row {
	struct lockdag_lock lock;
	struct lockdag_birth birth; /* where no birth= is given */
};

#define LOCK_BIRTH 0
#define LOCK_TYPE_FIELD 1
#define LOCK_ATTRIBUTES 2

/* A lock at a level has the birth of the lock that it is. */
static int parse_level(struct parse *p, struct lockdag_lock *lock, uint32_t *given)
{
	const struct lockdag_lock *of;

	if (!lock->level && lock->of == LOCKDAG_NONE)
		return 0;
	if (!lock->level || lock->of == LOCKDAG_NONE || *given & 7u << LOCK_BIRTH)
		return lex_error(&p->lex, p->lex.fields.items[0].column,
			"of= and level= (1 or more) go together, without birth=, type= or attributes=");
	of = &p->m->locks.items[lock->of];
	if (of->level)
		return lex_error(&p->lex, p->lex.fields.items[0].column,
			"of= is a lock without a level");
	lock->birth = of->birth;
	lock->process = of->process;
	*given |= 1u << LOCK_BIRTH;
	return 0;
}

static int parse_lock(struct parse *p)
{
	static const struct parse_spec specs[] = {
		SPEC_REF("birth", parse_lock_row, lock.birth, PARSE_BIRTH),
		SPEC_WORDS("type", PARSE_WORD, parse_lock_row, birth.type, lockdag_words_types),
		SPEC_WORDS("attributes", PARSE_BITS, parse_lock_row, birth.attributes,
			lockdag_words_attributes),
		SPEC_REF("process", parse_lock_row, lock.process, PARSE_PROCESS),
		SPEC("address", PARSE_U64, parse_lock_row, lock.address),
		SPEC_WORDS(
			"flags", PARSE_BITS, parse_lock_row, lock.flags, lockdag_words_lock_flags),
		SPEC("value", PARSE_COUNT, parse_lock_row, lock.value),
		SPEC("name", PARSE_STRING, parse_lock_row, lock.name),
		SPEC("key", PARSE_STRING, parse_lock_row, lock.key),
		SPEC("class", PARSE_STRING, parse_lock_row, lock.class_name),
		SPEC("where", PARSE_STRING, parse_lock_row, lock.where),
		SPEC_REF("of", parse_lock_row, lock.of, PARSE_LOCK),
		SPEC("level", PARSE_U32, parse_lock_row, lock.level), SPEC_END};
	struct parse_lock_row row = {.lock.of = LOCKDAG_NONE, .lock.value = 1, .birth.stack = LOCKDAG_NONE};
	const char *label;
	uint32_t given;
	int r = parse_label(p, &label);

	if (!r)
		r = parse_fields(p, 2, specs, &row, &given);
	if (!r && (given & 1u << LOCK_BIRTH) &&
		(given & (1u << LOCK_TYPE_FIELD | 1u << LOCK_ATTRIBUTES)))
		r = lex_error(&p->lex, p->lex.fields.items[0].column,
			"type and attributes are the birth's: give them there");
	if (!r)
		r = parse_level(p, &row.lock, &given);
	if (!r)
		r = parse_need_process(p);
	if (!r && !(given & 1u << LOCK_BIRTH)) {
		row.birth.name = row.birth.key = label;
		r = lockdag_model_add_birth(p->m, &row.birth);
		row.lock.birth = (uint32_t)r;
		r = r < 0 ? r : 0;
	}
	return r ? r : parse_define(p, PARSE_LOCK, label, lockdag_model_add_lock(p->m, &row.lock));
}

struct parse_acquire_row {
	struct lockdag_acquire acquire;
	uint32_t phases[2];
	const char *label;
	bool flags[9];
};

/* The "holds LOCK... asks LOCK" part, from field *k on; a discharge has other words for the two.
 * The held ones go to p->held. */
static int parse_uses(struct parse *p, size_t *k, const char *holds, const char *asks,
	struct lockdag_held *ret_asked)
{
	struct lex_field *f = p->lex.fields.items;
	size_t n = p->lex.fields.n;
	struct lockdag_held asked;
	int r;

	p->held.n = 0;
	if (*k < n && !f[*k].key && !strcmp(f[*k].value, holds)) {
		for (++*k; *k < n && strcmp(f[*k].value, asks); ++*k) {
			struct lockdag_held *h = lockdag_vec_push(&p->held);

			if (!h)
				return -ENOMEM;
			if (f[*k].key)
				return lex_error(
					&p->lex, f[*k].column, "\"%s LOCK\" is missing", asks);
			r = parse_lock_use(p, &f[*k], h);
			if (r)
				return r;
		}
	}
	if (*k + 1 >= n || f[*k].key || strcmp(f[*k].value, asks) || f[*k + 1].key)
		return lex_error(
			&p->lex, f[*k < n ? *k : n - 1].column, "\"%s LOCK\" is missing", asks);
	r = parse_lock_use(p, &f[*k + 1], &asked);
	if (r)
		return r;
	if (asked.flags || asked.stack != LOCKDAG_NONE)
		return lex_error(&p->lex, f[*k + 1].column,
			"the asked lock has no ! or @: say flags= and stack= behind it");
	*k += 2;
	*ret_asked = asked;
	return 0;
}

static int parse_check_handler(struct parse *p, const struct lockdag_acquire *a)
{
	const struct lockdag_model *m = p->m;
	unsigned column = p->lex.fields.items[0].column;

	if (!(a->flags & LOCKDAG_ACQUIRE_HANDLER))
		return a->flags & LOCKDAG_ACQUIRE_DIRECTED
			       ? lex_error(&p->lex, column, "\"directed\" needs handler=")
			       : 0;
	if (a->handler == LOCKDAG_NONE)
		return lex_error(&p->lex, column, "say handler=LOCK, not a flag");
	if (m->births.items[m->locks.items[a->handler].birth].type != LOCKDAG_LOCK_HANDLER)
		return lex_error(&p->lex, column, "handler= names no lock of type handler");
	return 0;
}

static int parse_acquire(struct parse *p)
{
	static const struct parse_spec specs[] = {
		SPEC_WORDS("flags", PARSE_BITS, parse_acquire_row, acquire.flags,
			lockdag_words_acquire_flags),
		SPEC("try", PARSE_SET, parse_acquire_row, flags[0]),
		SPEC("timed", PARSE_SET, parse_acquire_row, flags[1]),
		SPEC("rewait", PARSE_SET, parse_acquire_row, flags[2]),
		SPEC("wait", PARSE_SET, parse_acquire_row, flags[3]),
		SPEC("directed", PARSE_SET, parse_acquire_row, flags[5]),
		SPEC_REF("handler", parse_acquire_row, acquire.handler, PARSE_LOCK),
		SPEC("nest", PARSE_SET, parse_acquire_row, flags[6]),
		SPEC("rounds", PARSE_SET, parse_acquire_row, flags[8]),
		SPEC("timeout", PARSE_U32, parse_acquire_row, acquire.timeout_ms),
		SPEC_REF("monitor", parse_acquire_row, acquire.monitor, PARSE_LOCK),
		SPEC("phase", PARSE_SPAN, parse_acquire_row, phases),
		SPEC_REF("stack", parse_acquire_row, acquire.stack, PARSE_STACK),
		SPEC("as", PARSE_STRING, parse_acquire_row, label), SPEC_END};
	struct parse_acquire_row row = {.acquire.stack = LOCKDAG_NONE,
		.acquire.monitor = LOCKDAG_NONE,
		.acquire.handler = LOCKDAG_NONE};
	struct lex_field *f = p->lex.fields.items;
	struct lockdag_held asked;
	size_t k = 2;
	int r;

	if (p->lex.fields.n < 2 || f[1].key)
		return lex_error(&p->lex, f[0].column, "\"acquire\" needs a thread");
	r = parse_ref(p, &f[1], f[1].value, PARSE_THREAD, &row.acquire.thread);
	if (!r)
		r = parse_uses(p, &k, "holds", "asks", &asked);
	if (!r)
		r = parse_fields(p, k, specs, &row, NULL);
	if (r)
		return r;
	row.flags[4] = row.acquire.handler != LOCKDAG_NONE;
	for (unsigned i = 0; i < LOCKDAG_ARRAY_SIZE(row.flags); i++)
		row.acquire.flags |= row.flags[i] ? 1u << i : 0;
	if (row.acquire.monitor != LOCKDAG_NONE && !(row.acquire.flags & LOCKDAG_ACQUIRE_WAIT))
		return lex_error(&p->lex, f[0].column, "only a wait has a monitor");
	row.acquire.lock = asked.lock;
	row.acquire.serial = asked.serial;
	row.acquire.mode = asked.mode;
	row.acquire.n_held = (uint32_t)p->held.n;
	row.acquire.first_phase = row.phases[0];
	row.acquire.last_phase = row.phases[1];
	if (row.label && !parse_label_ok(row.label))
		return lex_error(&p->lex, f[0].column, "\"as\" needs a label");
	r = parse_check_handler(p, &row.acquire);
	if (r)
		return r;
	r = lockdag_model_add_acquire(p->m, &row.acquire, p->held.items);
	if (r < 0 || !row.label)
		return r < 0 ? r : 0;
	return parse_define(p, PARSE_ACQUIRE, row.label, r);
}

struct parse_discharge_row {
	struct lockdag_discharge discharge;
	uint32_t phases[2];
};

static int parse_discharge(struct parse *p)
{
	static const struct parse_spec specs[] = {
		SPEC("phase", PARSE_SPAN, parse_discharge_row, phases),
		SPEC_REF("stack", parse_discharge_row, discharge.stack, PARSE_STACK),
		SPEC_REF("began", parse_discharge_row, discharge.began, PARSE_STACK),
		SPEC("due", PARSE_SET, parse_discharge_row, discharge.due), SPEC_END};
	struct parse_discharge_row row = {.discharge.stack = LOCKDAG_NONE, .discharge.began = LOCKDAG_NONE};
	struct lex_field *f = p->lex.fields.items;
	struct lockdag_held event;
	size_t k = 2;
	int r;

	if (p->lex.fields.n < 2 || f[1].key)
		return lex_error(&p->lex, f[0].column, "\"discharge\" needs a thread");
	r = parse_ref(p, &f[1], f[1].value, PARSE_THREAD, &row.discharge.thread);
	if (!r)
		r = parse_uses(p, &k, "asked", "signals", &event);
	if (!r)
		r = parse_fields(p, k, specs, &row, NULL);
	if (r)
		return r;
	row.discharge.lock = event.lock;
	row.discharge.serial = event.serial;
	row.discharge.first_phase = row.phases[0];
	row.discharge.last_phase = row.phases[1];
	row.discharge.n_held = (uint32_t)p->held.n;
	r = lockdag_model_add_discharge(p->m, &row.discharge, p->held.items);
	return r < 0 ? r : 0;
}

static int parse_record(struct parse *p)
{
	static const struct {
		const char *word;
		int (*parse)(struct parse *p);
	} records[] = {{"run", parse_run}, {"process", parse_process}, {"thread", parse_thread},
		{"module", parse_module}, {"stack", parse_stack}, {"frame", parse_frame},
		{"birth", parse_birth}, {"lock", parse_lock}, {"acquire", parse_acquire},
		{"discharge", parse_discharge}, {"order", parse_order}, {"guard", parse_guard},
		{"blocked", parse_blocked}, {"ended", parse_ended}, {"misuse", parse_misuse}, {"fork", parse_fork},
		{"declared", parse_declared}};
	const struct lex_field *f = &p->lex.fields.items[0];
	int r;

	for (size_t i = 0; !f->key && i < LOCKDAG_ARRAY_SIZE(records); i++) {
		if (strcmp(f->value, records[i].word))
			continue;
		r = records[i].parse == parse_frame ? 0 : parse_end_stack(p);
		return r ? r : records[i].parse(p);
	}
	return lex_error(
		&p->lex, f->column, "\"%.40s\" is not a record", f->key ? f->key : f->value);
}

/* Gives parents and joiners their rows, now that all threads are known. */
static int parse_resolve(struct parse *p)
{
	for (size_t i = 0; i < p->later.n; i++) {
		const struct parse_later *l = &p->later.items[i];
		struct lockdag_thread *t = &p->m->threads.items[l->thread];
		uint32_t row = labels_find(&p->labels[PARSE_THREAD], l->label);

		if (row == LOCKDAG_NONE) {
			p->lex.line = l->line;
			return lex_error(
				&p->lex, l->column, "no thread \"%.40s\" is defined", l->label);
		}
		if (l->joiner)
			t->joiner = row;
		else
			t->parent = row;
	}
	return 0;
}

int lockdag_model_parse(const char *text, size_t n, struct lockdag_model **ret_model,
	struct lockdag_parse_error *error)
{
	struct parse p = {0};
	int r = lockdag_model_new(&p.m);

	if (r < 0)
		return r;
	p.arena = lockdag_arena_new();
	p.frame_strings = lockdag_arena_new();
	lex_init(&p.lex, text, n, error);
	r = p.arena && p.frame_strings ? 0 : -ENOMEM;
	while (!r) {
		r = lex_next(&p.lex);
		if (r <= 0)
			break;
		r = parse_record(&p);
	}
	if (!r)
		r = parse_end_stack(&p);
	if (!r)
		r = parse_resolve(&p);
	if (!r) {
		*ret_model = p.m;
		p.m = NULL;
	}
	for (unsigned i = 0; i < PARSE_N_KINDS; i++)
		labels_done(&p.labels[i]);
	lockdag_vec_clear(&p.later);
	lockdag_vec_clear(&p.held);
	lockdag_vec_clear(&p.raw);
	lockdag_vec_clear(&p.frames);
	lex_done(&p.lex);
	lockdag_arena_free(p.frame_strings);
	lockdag_arena_free(p.arena);
	lockdag_model_free(p.m);
	return r;
}
