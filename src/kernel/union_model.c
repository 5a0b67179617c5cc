/* SPDX-License-Identifier: MIT
 *
 * Reports as a model of core, for the forms that show findings: each report is a process, each link
 * of its chain a thread of it that holds one class and asks for the next. All classes are shared,
 * so that what links of different reports close is found, too. A class that follows itself is no
 * cycle in core's sense: its report gets a second lock of its own, the interrupt ("<hardirq>") that
 * takes what it came upon, or the class once more ("x (again)").
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/union.h"

struct build {
	const struct lockdag_union *u;
	struct lockdag_model *m;
	uint32_t *locks; /* of each node: its row, or LOCKDAG_NONE */
};

static int model_lock(struct build *b, uint32_t node)
{
	const struct union_node *n = &b->u->nodes.items[node];
	const struct lockdag_birth birth = {.type = LOCKDAG_LOCK_OWN,
		.attributes = LOCKDAG_LOCK_SHARED,
		.how = LOCKDAG_BIRTH_NAMED,
		.stack = LOCKDAG_NONE,
		.name = n->name,
		.key = n->key};
	struct lockdag_lock lock = {.value = 1, .name = n->name, .key = n->key};
	int r;

	if (b->locks[node] != LOCKDAG_NONE)
		return 0;
	r = lockdag_model_add_birth(b->m, &birth);
	if (r < 0)
		return r;
	lock.birth = (uint32_t)r;
	r = lockdag_model_add_lock(b->m, &lock);
	if (r >= 0)
		b->locks[node] = (uint32_t)r;
	return r < 0 ? r : 0;
}

static struct lockdag_frame model_frame(const struct lockdag_kframe *f)
{
	return (struct lockdag_frame){.function = f->function,
		.file = f->file,
		.line = f->line,
		.module = f->module ? f->module : "vmlinux",
		.offset = f->offset,
		.inlined = f->inlined};
}

/* The reliable frames of a stack, or the one frame that is known; LOCKDAG_NONE: nothing is. */
static int model_stack(struct build *b, const struct lockdag_kstack *stack,
	const struct lockdag_kframe *one, uint32_t *ret_stack)
{
	size_t n = stack ? stack->n : one ? 1 : 0, kept = 0;
	struct lockdag_frame *frames = calloc(n + 1, sizeof(*frames));
	int r = 0;

	*ret_stack = LOCKDAG_NONE;
	if (!frames)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		const struct lockdag_kframe *f = stack ? &stack->frames[i] : one;

		if (f->function && !f->unreliable &&
			(kept || !names_is_api(f->function) || i + 1 == n))
			frames[kept++] = model_frame(f);
	}
	if (kept)
		r = lockdag_model_add_stack(b->m, NULL, 0);
	if (kept && r >= 0) {
		*ret_stack = (uint32_t)r;
		r = lockdag_model_describe_stack(b->m, *ret_stack, frames, kept);
	}
	free(frames);
	return r < 0 ? r : 0;
}

/* other: its name, when it is not the report's task. */
static int model_thread(struct build *b, uint32_t process, const struct lockdag_splat *s,
	const char *other, size_t number)
{
	bool own = !other;
	const struct lockdag_thread thread = {.process = process,
		.tid = own && s->pid > 0 && s->pid < INT32_MAX ? (int32_t)s->pid : (int32_t)number,
		.name = own && s->comm ? s->comm
			: other        ? other
				       : "another task",
		.parent = LOCKDAG_NONE,
		.joiner = LOCKDAG_NONE};

	return lockdag_model_add_thread(b->m, &thread);
}

static int model_step(struct build *b, uint32_t process, const struct lockdag_splat *s,
	const struct union_walk *w, size_t i)
{
	size_t before = (i + w->n - 1) % w->n;
	struct lockdag_held held = {.mode = LOCKDAG_EXCLUSIVE, .stack = LOCKDAG_NONE};
	struct lockdag_acquire a = {.mode = LOCKDAG_EXCLUSIVE,
		.stack = LOCKDAG_NONE,
		.n_held = 1,
		.monitor = LOCKDAG_NONE};
	int r = model_lock(b, w->nodes[before]);

	if (r == 0)
		r = model_lock(b, w->nodes[i]);
	if (r == 0)
		r = model_stack(b, NULL, w->steps[i].held_at, &held.stack);
	if (r == 0)
		r = model_stack(b, w->steps[i].stack, w->steps[i].at, &a.stack);
	if (r == 0)
		r = model_thread(b, process, s, i == 0 && !w->irq ? NULL : "another task", i);
	if (r < 0)
		return r;
	a.thread = (uint32_t)r;
	a.lock = b->locks[w->nodes[i]];
	held.lock = b->locks[w->nodes[before]];
	return lockdag_model_add_acquire(b->m, &a, &held);
}

#define MODEL_AGAIN " (again)"

static const char *model_irq(enum union_irq irq)
{
	return irq == UNION_SOFTIRQ ? "<softirq>" : "<hardirq>";
}

/* Another lock, of this node's reports alone: the interrupt that comes, or the same class again. */
static int model_other(struct build *b, uint32_t node, enum union_irq irq)
{
	const struct union_node *n = &b->u->nodes.items[node];
	char *name = irq ? lockdag_textf("%s", model_irq(irq))
			 : lockdag_textf("%s" MODEL_AGAIN, n->name);
	char *key = irq ? lockdag_textf("%s %s", model_irq(irq), n->key)
			: lockdag_textf("%s" MODEL_AGAIN, n->key);
	struct lockdag_birth birth = {.type = LOCKDAG_LOCK_OWN,
		.attributes = LOCKDAG_LOCK_SHARED,
		.how = LOCKDAG_BIRTH_NAMED,
		.stack = LOCKDAG_NONE,
		.name = name,
		.key = key};
	struct lockdag_lock lock = {.value = 1, .name = name, .key = key};
	int r = name && key ? lockdag_model_add_birth(b->m, &birth) : -ENOMEM;

	if (r >= 0) {
		lock.birth = (uint32_t)r;
		r = lockdag_model_add_lock(b->m, &lock);
	}
	free(name);
	free(key);
	return r;
}

static int model_pair(struct build *b, uint32_t thread, uint32_t held_lock, uint32_t held_stack,
	uint32_t asked_lock, uint32_t asked_stack)
{
	const struct lockdag_held held = {
		.lock = held_lock, .mode = LOCKDAG_EXCLUSIVE, .stack = held_stack};
	const struct lockdag_acquire a = {.thread = thread,
		.lock = asked_lock,
		.mode = LOCKDAG_EXCLUSIVE,
		.stack = asked_stack,
		.n_held = 1,
		.monitor = LOCKDAG_NONE};

	return lockdag_model_add_acquire(b->m, &a, &held);
}

/* One class alone: the task holds it when it asks again, or when the interrupt comes that asks. */
static int model_alone(struct build *b, uint32_t process, const struct lockdag_splat *s,
	const struct union_walk *w)
{
	const struct union_step *step = &w->steps[0];
	uint32_t held, asked, threads[2], lock, other;
	int r = model_lock(b, w->nodes[0]);

	if (r == 0)
		r = model_stack(b, NULL, step->held_at, &held);
	if (r == 0)
		r = model_stack(b, step->stack, step->at, &asked);
	for (size_t i = 0; r >= 0 && i < 2; i++) {
		r = model_thread(b, process, s,
			!i       ? NULL
			: w->irq ? model_irq(w->irq)
				 : "another task",
			i);
		threads[i] = (uint32_t)r;
	}
	if (r >= 0)
		r = model_other(b, w->nodes[0], w->irq);
	if (r < 0)
		return r;
	lock = b->locks[w->nodes[0]];
	other = (uint32_t)r;
	/* In an interrupt report, the stack is of the place that takes it with the interrupt on. */
	r = model_pair(
		b, threads[0], lock, w->irq ? asked : held, other, w->irq ? LOCKDAG_NONE : asked);
	return r < 0 ? r
		     : model_pair(b, threads[1], other, LOCKDAG_NONE, lock,
			       w->irq ? LOCKDAG_NONE : asked);
}

static int model_report(struct build *b, uint32_t report, struct union_walk *w)
{
	const struct lockdag_splat *s = b->u->reports.items[report].splat;
	struct lockdag_process process = {.pid = (int32_t)report + 1};
	char *name;
	int r;

	union_walk(s, w);
	if (!w->closed || !w->n)
		return 0;
	/* All its nodes are there, so nothing is added to the union. */
	r = union_walk_nodes((struct lockdag_union *)b->u, w);
	if (r < 0)
		return r;
	name = lockdag_textf("%s:%llu", s->file ? s->file : "-", (unsigned long long)s->line);
	if (!name)
		return -ENOMEM;
	process.name = name;
	r = lockdag_model_add_process(b->m, &process);
	free(name);
	if (r >= 0) {
		uint32_t row = (uint32_t)r;

		if (w->n == 1)
			r = model_alone(b, row, s, w);
		for (size_t i = 0; r >= 0 && w->n > 1 && i < w->n; i++)
			r = model_step(b, row, s, w, i);
	}
	return r < 0 ? r : 0;
}

int lockdag_union_model(const struct lockdag_union *u, struct lockdag_model **ret_model)
{
	struct build b = {.u = u, .locks = malloc((u->nodes.n + 1) * sizeof(*b.locks))};
	struct union_walk *w = malloc(sizeof(*w));
	int r = b.locks && w ? lockdag_model_new(&b.m) : -ENOMEM;

	if (r == 0)
		memset(b.locks, 0xff, (u->nodes.n + 1) * sizeof(*b.locks));
	if (r == 0)
		r = lockdag_model_add_run(b.m, "kernel");
	for (uint32_t i = 0; r >= 0 && i < u->reports.n; i++)
		r = model_report(&b, i, w);
	if (r >= 0 && !b.m->processes.n) { /* locks need one */
		const struct lockdag_process none = {.pid = 0, .name = "kernel"};

		r = lockdag_model_add_process(b.m, &none);
	}
	free(b.locks);
	free(w);
	if (r < 0) {
		lockdag_model_free(b.m);
		return r;
	}
	*ret_model = b.m;
	return 0;
}

/* ------------------------------------------------------------------ one report */

/* By both names: as printed, and as of today. */
static int model_class(struct lockdag_model *m, const struct lockdag_kclass *class)
{
	const struct lockdag_birth birth = {.type = LOCKDAG_LOCK_OWN,
		.attributes = LOCKDAG_LOCK_SHARED,
		.how = LOCKDAG_BIRTH_NAMED,
		.stack = LOCKDAG_NONE};
	struct lockdag_text key = {0};
	int r = 0;

	if (!class->name)
		return 0;
	names_key(class, &key);
	if (key.failed || !key.s)
		r = -ENOMEM;
	for (int i = 0; r >= 0 && i < 2; i++) {
		struct lockdag_lock lock = {
			.value = 1, .name = i ? key.s : class->name, .key = key.s};

		r = lockdag_model_add_birth(m, &birth);
		if (r < 0)
			break;
		lock.birth = (uint32_t)r;
		r = lockdag_model_add_lock(m, &lock);
	}
	lockdag_text_clear(&key);
	return r < 0 ? r : 0;
}

static int model_lock_at(struct build *b, const struct lockdag_klock *lock)
{
	uint32_t stack;
	int r = model_class(b->m, &lock->class);

	return r == 0 && lock->at.function ? model_stack(b, NULL, &lock->at, &stack) : r;
}

/* The locks that the report is about; where it names none, those that are held. */
static int model_all_locks(struct build *b, const struct lockdag_splat *s)
{
	int r = model_lock_at(b, &s->acquiring);

	if (r == 0)
		r = model_lock_at(b, &s->holding);
	for (size_t i = 0; r == 0 && i < s->n_chain; i++)
		r = model_lock_at(b, &s->chain[i].lock);
	if (r == 0)
		r = model_class(b->m, &s->safe);
	if (r == 0)
		r = model_class(b->m, &s->unsafe);
	for (size_t i = 0; r == 0 && !b->m->locks.n && i < s->n_holders; i++)
		for (size_t k = 0; r == 0 && k < s->holders[i].n; k++)
			r = model_lock_at(b, &s->holders[i].held[k]);
	return r;
}

static int model_all_stacks(struct build *b, const struct lockdag_splat *s)
{
	uint32_t stack;
	int r = model_stack(b, &s->stack, NULL, &stack);

	for (size_t i = 0; r == 0 && i < s->n_chain; i++)
		r = model_stack(b, &s->chain[i].stack, NULL, &stack);
	for (size_t i = 0; r == 0 && i < s->n_usages; i++)
		r = model_stack(b, &s->usages[i].stack, NULL, &stack);
	for (size_t i = 0; r == 0 && i < s->n_contexts; i++) {
		r = model_stack(b, &s->contexts[i].wait_stack, NULL, &stack);
		if (r == 0)
			r = model_stack(b, &s->contexts[i].event_stack, NULL, &stack);
	}
	return r;
}

int lockdag_splat_model(const struct lockdag_splat *splat, struct lockdag_model **ret_model)
{
	const struct lockdag_process none = {.pid = 0, .name = "kernel"};
	struct build b = {0};
	int r = lockdag_model_new(&b.m);

	if (r == 0)
		r = lockdag_model_add_run(b.m, "kernel");
	if (r >= 0)
		r = lockdag_model_add_process(b.m, &none);
	if (r >= 0)
		r = model_all_locks(&b, splat);
	if (r == 0)
		r = model_all_stacks(&b, splat);
	if (r < 0) {
		lockdag_model_free(b.m);
		return r;
	}
	*ret_model = b.m;
	return 0;
}

/* ------------------------------------------------------------------ where to cut */

static const struct union_cycle *model_cycle(const struct lockdag_union *u, uint64_t id)
{
	for (size_t i = 0; i < u->cycles.n; i++)
		if (u->cycles.items[i].id == id)
			return &u->cycles.items[i];
	return NULL;
}

/* The cycle of one class that model_alone() made two of. */
static const struct union_cycle *model_cycle_alone(
	const struct lockdag_union *u, const struct lockdag_finding *f)
{
	for (size_t i = 0; f->n_locks == 2 && i < u->cycles.n; i++) {
		const struct union_cycle *c = &u->cycles.items[i];
		const char *key = u->nodes.items[u->cycle_nodes.items[c->first]].key;
		const char *irq = model_irq(c->irq);
		size_t n = strlen(key), n_irq = strlen(irq);

		for (int k = 0; c->n == 1 && k < 2; k++) {
			const char *other = f->locks[!k].key;

			if (strcmp(f->locks[k].key, key) != 0)
				continue;
			if (c->irq ? !strncmp(other, irq, n_irq) && other[n_irq] == ' ' &&
						!strcmp(other + n_irq + 1, key)
				   : !strncmp(other, key, n) && !strcmp(other + n, MODEL_AGAIN))
				return c;
		}
	}
	return NULL;
}

static const struct union_cut *model_cut(
	const struct lockdag_union *u, const struct union_cycle *cycle)
{
	for (size_t i = 0; i < u->cuts.n; i++)
		for (uint32_t k = 0; k < cycle->n; k++)
			if (u->cycle_edges.items[cycle->first + k] == u->cuts.items[i].edge)
				return &u->cuts.items[i];
	return NULL;
}

/* The finding's lock of a class; n_locks: none. */
static uint32_t model_index(const struct lockdag_finding *f, const char *key)
{
	uint32_t i = 0;

	while (i < f->n_locks && strcmp(f->locks[i].key, key))
		i++;
	return i;
}

static int model_give(const struct lockdag_union *u, struct lockdag_finding *f, size_t n_findings)
{
	const struct union_cycle *alone = model_cycle_alone(u, f);
	const struct union_cycle *cycle = alone ? alone : model_cycle(u, f->id);
	const struct union_cut *cut = cycle ? model_cut(u, cycle) : NULL;
	const struct union_edge *e = cut ? &u->edges.items[cut->edge] : NULL;
	uint32_t from = e ? model_index(f, u->nodes.items[e->from].key) : 0;
	uint32_t to = e ? model_index(f, u->nodes.items[e->to].key) : 0;

	if (alone) {
		f->id = alone->id;
		to = 1 - from;
	}
	if (!e || f->cut || from == f->n_locks || to == f->n_locks)
		return 0;
	f->cut = calloc(1, sizeof(*f->cut));
	if (!f->cut)
		return -ENOMEM;
	*f->cut = (struct lockdag_cut){.kind = cut->kind,
		.from = from,
		.to = to,
		.n_places = e->n_places,
		.cost = cut->cost,
		.n_clears = cut->n_cycles,
		.n_findings = n_findings,
		.meets = cut->meets ? strdup(cut->meets) : NULL,
		.advice = strdup(cut->advice)};
	return f->cut->advice && (!cut->meets || f->cut->meets) ? 0 : -ENOMEM;
}

int lockdag_union_cut_findings(const struct lockdag_union *u, struct lockdag_findings *f)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < f->n; i++)
		r = model_give(u, &f->items[i], u->cycles.n);
	return r;
}
