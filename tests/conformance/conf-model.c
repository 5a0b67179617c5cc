/* SPDX-License-Identifier: MIT
 *
 * Rows of the matrix through core's API. Reads lines
 *
 *	CELL TYPE ATTRIBUTES WAY READ NOTATION...
 *
 * (type: a word of lock_types.def; attributes: bits; way: w or r, the column's; read: r passes
 * queued writers, f waits behind them), makes of each the model that a recorder would make of it,
 * and prints the findings: lines `CELL GRADE-OR-REASON NAME...`, then `CELL end`.
 */
#include <stdio.h>

#include "core/core.h"
#include "notation.h"

struct column {
	enum lockdag_lock_type type;
	unsigned attributes;
	enum lockdag_mode way, read;
};

/* One part, run in thought. */
struct part {
	const struct column *column;
	struct lockdag_model *m;
	uint32_t thread, phase;
	const uint32_t *rows; /* of locks */
	struct lockdag_held held[NOTATION_N_STEPS];
	unsigned since[NOTATION_N_STEPS]; /* step that took it, from 1 */
	uint32_t n_held, step;
	const uint32_t *handlers; /* rows of locks, by signal */
	unsigned signals;	  /* that have a handler and can come: bits */
	unsigned blocked;
	unsigned in; /* the signal whose handler does it, or 0 */
	unsigned created[NOTATION_N_THREADS]; /* step that created it, 0: not by this one */
};

static void die(const char *what)
{
	fprintf(stderr, "conf-model: %s\n", what);
	exit(2);
}

static void checked(int row)
{
	if (row < 0)
		die("core refuses a row");
}

/* ------------------------------------------------------------------ rows */

static void add_locks(
	const struct notation *n, const struct column *c, struct lockdag_model *m, uint32_t *rows)
{
	bool used[NOTATION_N_LOCKS] = {0};

	for (unsigned t = 1; t < n->n_threads; t++) {
		for (unsigned i = 0; i < n->n_steps[t]; i++)
			used[n->steps[t][i].lock] |= n->steps[t][i].what <= NOTATION_LONG;
	}
	for (unsigned i = 0; i < NOTATION_N_LOCKS; i++) {
		bool plain = notation_is_plain(i);
		char name[8], class_name[8];
		struct lockdag_birth b = {.type = plain ? LOCKDAG_LOCK_MUTEX : c->type,
			.attributes = plain ? 0 : c->attributes,
			.stack = LOCKDAG_NONE,
			.name = class_name,
			.key = class_name};
		struct lockdag_lock l = {.value = 1, .name = name};

		if (!used[i])
			continue;
		snprintf(
			name, sizeof(name), "%c[%u]", notation_letter(i), i % NOTATION_N_INSTANCES);
		snprintf(class_name, sizeof(class_name), "%c[]", notation_letter(i));
		l.birth = (uint32_t)lockdag_model_add_birth(m, &b);
		l.address = i;
		rows[i] = (uint32_t)lockdag_model_add_lock(m, &l);
		checked((int)rows[i]);
	}
}

/* Creates and joins of thread 0: first all creates, at the end all joins. */
static void add_threads(const struct notation *n, struct lockdag_model *m)
{
	struct lockdag_thread rows[NOTATION_N_THREADS];

	for (unsigned t = 0; t < n->n_threads; t++)
		rows[t] = (struct lockdag_thread){.tid = (int32_t)t + 1,
			.parent = t ? n->creator[t] : LOCKDAG_NONE,
			.create_phase = t,
			.joiner = t ? n->joiner[t] : LOCKDAG_NONE,
			.join_phase = NOTATION_N_THREADS + t,
			.role = t && !n->creator[t] ? "part" : NULL};
	for (unsigned t = 1; t < n->n_threads; t++) {
		uint32_t phase = 0;

		for (unsigned i = 0; i < n->n_steps[t]; i++) {
			const struct notation_step *s = &n->steps[t][i];

			if (s->what == NOTATION_NEW)
				rows[s->thread].create_phase = phase++;
			else if (s->what == NOTATION_JOIN)
				rows[s->thread].join_phase = ++phase;
		}
	}
	for (unsigned t = 0; t < n->n_threads; t++)
		checked(lockdag_model_add_thread(m, &rows[t]));
}

/* ------------------------------------------------------------------ steps */

static enum lockdag_mode part_mode(const struct part *p, const struct notation_step *s)
{
	if (notation_is_plain(s->lock) || s->way == NOTATION_WRITE)
		return LOCKDAG_EXCLUSIVE;
	return s->way == NOTATION_READ ? p->column->read : p->column->way;
}

static bool part_refused(const struct part *p, const struct notation_step *s)
{
	if (!(p->column->attributes & LOCKDAG_LOCK_ERRORCHECK))
		return false;
	for (uint32_t i = 0; i < p->n_held; i++) {
		if (p->held[i].lock == p->rows[s->lock])
			return true;
	}
	return false;
}

/* What is held waits for the handlers of the signals that can come. */
static void part_interruptible(struct part *p)
{
	for (unsigned i = 1; p->n_held && i <= NOTATION_N_SIGNALS; i++) {
		const struct lockdag_acquire a = {.thread = p->thread,
			.lock = p->handlers[i],
			.flags = LOCKDAG_ACQUIRE_WAIT | (p->in ? LOCKDAG_ACQUIRE_HANDLER : 0u),
			.first_phase = p->phase,
			.last_phase = p->phase,
			.stack = LOCKDAG_NONE,
			.monitor = LOCKDAG_NONE,
			.handler = p->handlers[p->in],
			.n_held = p->n_held};

		if (p->signals & ~p->blocked & 1u << i)
			checked(lockdag_model_add_acquire(p->m, &a, p->held));
	}
}

static void part_signal(struct part *p, const struct notation_step *s)
{
	if (s->what == NOTATION_IN) {
		p->in = s->signal;
		p->blocked = s->signal == 1 ? 1u << 1 | 1u << 2 : 1u << 2;
	} else if (s->what == NOTATION_BLOCK) {
		p->blocked |= 1u << s->signal;
	} else {
		p->blocked &= ~(1u << s->signal);
		part_interruptible(p);
	}
}

static void part_ask(struct part *p, const struct notation_step *s)
{
	struct lockdag_acquire a = {.thread = p->thread,
		.lock = p->rows[s->lock],
		.mode = part_mode(p, s),
		.flags = s->what == NOTATION_TRY    ? LOCKDAG_ACQUIRE_TRY
			 : s->what == NOTATION_LOCK ? 0u
						    : LOCKDAG_ACQUIRE_TIMED,
		.timeout_ms = s->what == NOTATION_SHORT  ? 1000
			      : s->what == NOTATION_LONG ? 60000
							 : 0,
		.first_phase = p->phase,
		.last_phase = p->phase,
		.stack = LOCKDAG_NONE,
		.handler = p->handlers[p->in],
		.n_held = p->n_held};

	a.flags |= p->in ? LOCKDAG_ACQUIRE_HANDLER | LOCKDAG_ACQUIRE_DIRECTED : 0u;
	checked(lockdag_model_add_acquire(p->m, &a, p->held));
	if (part_refused(p, s))
		return;
	p->since[p->n_held] = p->step;
	p->held[p->n_held++] = (struct lockdag_held){
		.lock = a.lock, .mode = a.mode, .stack = LOCKDAG_NONE,
		.flags = a.flags & (LOCKDAG_ACQUIRE_TRY | LOCKDAG_ACQUIRE_TIMED)};
	part_interruptible(p);
}

/* What was held from a thread's creation until it was joined guards all that it did. */
static void part_join(struct part *p, unsigned thread)
{
	for (uint32_t i = 0; i < p->n_held; i++) {
		if (p->since[i] < p->created[thread])
			checked(lockdag_model_add_guard(
				p->m, thread, p->held[i].lock, 0, p->held[i].mode));
	}
}

static void part_release(struct part *p, const struct notation_step *s)
{
	for (uint32_t i = p->n_held; i-- > 0;) {
		if (p->held[i].lock != p->rows[s->lock])
			continue;
		memmove(&p->held[i], &p->held[i + 1], (p->n_held - i - 1) * sizeof(*p->held));
		memmove(&p->since[i], &p->since[i + 1], (p->n_held - i - 1) * sizeof(*p->since));
		p->n_held--;
		return;
	}
	die("a part releases what it does not hold");
}

static void part_step(struct part *p, const struct notation_step *s)
{
	p->step++;
	switch (s->what) {
	case NOTATION_UNLOCK:
		part_release(p, s);
		break;
	case NOTATION_UNLOCK_ALL:
		p->n_held = 0;
		break;
	case NOTATION_NEW:
		p->created[s->thread] = p->step;
		p->phase++;
		break;
	case NOTATION_JOIN:
		part_join(p, s->thread);
		p->phase++;
		break;
	case NOTATION_TO:
	case NOTATION_BACK:
		break;
	case NOTATION_IN:
	case NOTATION_BLOCK:
	case NOTATION_UNBLOCK:
		part_signal(p, s);
		break;
	default:
		part_ask(p, s);
	}
}

static void add_handlers(const struct notation *n, struct lockdag_model *m, uint32_t *handlers,
	unsigned *ret_signals)
{
	static const char *const names[] = {"", "SIGUSR1 handler", "SIGUSR2 handler"};

	handlers[0] = LOCKDAG_NONE;
	for (unsigned i = 1; i <= NOTATION_N_SIGNALS; i++) {
		const struct lockdag_birth b = {.type = LOCKDAG_LOCK_HANDLER,
			.stack = LOCKDAG_NONE,
			.name = names[i],
			.key = names[i]};
		struct lockdag_lock l = {.value = 1};

		handlers[i] = LOCKDAG_NONE;
		if (!n->handled[i])
			continue;
		l.birth = (uint32_t)lockdag_model_add_birth(m, &b);
		handlers[i] = (uint32_t)lockdag_model_add_lock(m, &l);
		*ret_signals |= 1u << i;
	}
}

static struct lockdag_model *record(const struct notation *n, const struct column *c)
{
	const struct lockdag_process process = {.pid = 1};
	uint32_t rows[NOTATION_N_LOCKS] = {0}, handlers[NOTATION_N_SIGNALS + 1];
	struct lockdag_model *m;
	unsigned signals = 0;

	if (lockdag_model_new(&m))
		die("no memory");
	lockdag_model_add_run(m, NULL);
	lockdag_model_add_process(m, &process);
	add_threads(n, m);
	add_locks(n, c, m, rows);
	add_handlers(n, m, handlers, &signals);
	for (unsigned t = 1; t < n->n_threads; t++) {
		struct part p = {.column = c, .m = m, .thread = t, .rows = rows,
			.handlers = handlers, .signals = signals};

		for (unsigned i = 0; i < n->n_steps[t]; i++)
			part_step(&p, &n->steps[t][i]);
	}
	return m;
}

/* ------------------------------------------------------------------ lines */

static void judge(const char *cell, const struct column *c, const char *text)
{
	struct lockdag_findings *f = NULL;
	struct lockdag_model *m;
	struct notation n;

	if (!notation_parse(text, &n))
		die(text);
	m = record(&n, c);
	if (lockdag_core_find(m, NULL, &f))
		die("core fails");
	for (size_t i = 0; i < f->n; i++) {
		const struct lockdag_finding *x = &f->items[i];

		printf("%s %s", cell,
			x->grade == LOCKDAG_UNLIKELY ? lockdag_ruled_word(x->ruled)
						     : lockdag_grade_word(x->grade));
		for (size_t k = 0; k < x->n_locks; k++)
			printf(" %s", x->locks[k].name);
		putchar('\n');
	}
	printf("%s end\n", cell);
	lockdag_findings_free(f);
	lockdag_model_free(m);
}

static enum lockdag_lock_type type_of(const char *word)
{
	for (unsigned i = 0; i < LOCKDAG_N_LOCK_TYPES; i++) {
		if (!strcmp(word, lockdag_lock_type_word(i)))
			return (enum lockdag_lock_type)i;
	}
	die(word);
	return LOCKDAG_LOCK_MUTEX;
}

int main(void)
{
	char *line = NULL;
	size_t size = 0;

	while (getline(&line, &size, stdin) > 0) {
		char cell[16], type[16], way, read;
		struct column c = {0};
		int n = 0;

		line[strcspn(line, "\n")] = 0;
		if (sscanf(line, "%15s %15s %u %c %c %n", cell, type, &c.attributes, &way, &read,
			    &n) != 5 ||
			!n)
			die(line);
		c.type = type_of(type);
		c.read = read == 'f' ? LOCKDAG_READ : LOCKDAG_READ_RECURSIVE;
		c.way = way == 'r' ? c.read : LOCKDAG_EXCLUSIVE;
		judge(cell, &c, line + n);
	}
	free(line);
	return 0;
}
