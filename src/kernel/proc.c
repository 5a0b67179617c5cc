/* SPDX-License-Identifier: MIT */
#include "kernel/proc.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/text.h"
#include "kernel/grammar.h"
#include "kernel/lines.h"

enum proc_section { PROC_CLASSES, PROC_CHAINS, PROC_STATS };

struct proc {
	struct lockdag_kgraph *graph;
	struct record_memory *memory;
	enum proc_section section;
	uint32_t *slots; /* classes by id and name, 1 + index; 0: free */
	size_t n_slots;  /* a power of two */
	uint32_t from;   /* the class whose edges follow */
	bool in_chain;
	struct lockdag_text line;
};

/* ------------------------------------------------------------------ classes */

static uint64_t class_hash(const char *id, const char *name)
{
	return lockdag_hash_mix(
		lockdag_hash_string(lockdag_hash_string(LOCKDAG_HASH_SEED, id), name));
}

static bool slots_grow(struct proc *p)
{
	size_t n = p->n_slots ? 2 * p->n_slots : 1024;
	uint32_t *slots = calloc(n, sizeof(*slots));

	if (!slots)
		return false;
	for (size_t i = 0; i < p->graph->n_classes; i++) {
		const struct lockdag_kgraph_class *c = &p->graph->classes[i];
		size_t at = class_hash(c->id, c->class.name) & (n - 1);

		while (slots[at])
			at = (at + 1) & (n - 1);
		slots[at] = (uint32_t)i + 1;
	}
	free(p->slots);
	p->slots = slots;
	p->n_slots = n;
	return true;
}

/* The class of this id and name, made when it is new; LOCKDAG_NONE: no memory. */
static uint32_t class_get(struct proc *p, const char *id, size_t id_n, const char *name)
{
	struct lockdag_kgraph_class *c;
	const char *key = record_text(p->memory, id, id_n);
	size_t at;

	if (!key || (2 * p->graph->n_classes >= p->n_slots && !slots_grow(p)))
		return LOCKDAG_NONE;
	for (at = class_hash(key, name) & (p->n_slots - 1); p->slots[at];
		at = (at + 1) & (p->n_slots - 1)) {
		c = &p->graph->classes[p->slots[at] - 1];
		if (!strcmp(c->id, key) && !strcmp(c->class.name, name))
			return p->slots[at] - 1;
	}
	c = RECORD_PUSH(p->memory, p->graph->classes, p->graph->n_classes);
	if (!c)
		return LOCKDAG_NONE;
	c->id = key;
	class_name(p->memory, name, strlen(name), &c->class);
	if (!c->class.name || !c->class.base)
		return LOCKDAG_NONE;
	p->slots[at] = (uint32_t)p->graph->n_classes;
	return (uint32_t)p->graph->n_classes - 1;
}

static const char *after_blanks(const char *s)
{
	while (*s == ' ')
		s++;
	return s;
}

/* "FD:   63": its number, 0 when the word is not there. */
static uint64_t value_of(const char *s, const char *word)
{
	const char *at = strstr(s, word);

	return at ? strtoull(after_blanks(at + strlen(word)), NULL, 10) : 0;
}

/* "00000000aacd9c51 OPS:      47 FD:   63 BD:    6 ++++: cpu_hotplug_lock" */
static void class_line(struct proc *p, const char *s)
{
	size_t id = strcspn(s, " "), mask;
	const char *backward = strstr(s, "BD:"), *at;
	struct lockdag_kgraph_class *c;
	char *end;
	uint32_t class;

	if (id < 4 || !backward || !strstr(s, "FD:"))
		return;
	strtoull(after_blanks(backward + 3), &end, 10);
	at = after_blanks(end);
	mask = strspn(at, ".+-?");
	if (mask == 0 || at[mask] != ':' || at[mask + 1] == 0)
		return;
	class = class_get(p, s, id, after_blanks(at + mask + 1));
	if (class == LOCKDAG_NONE)
		return;
	c = &p->graph->classes[class];
	c->class.usage = record_text(p->memory, at, mask);
	c->ops = value_of(s, "OPS:");
	c->forward = value_of(s, "FD:");
	c->backward = value_of(s, "BD:");
	p->from = class;
}

/* "[000000002eb1cc79] static_call_mutex" */
static uint32_t named_class(struct proc *p, const char *s)
{
	size_t n = *s == '[' ? strcspn(s, "]") : 0;

	if (n < 2 || s[n] != ']' || !*after_blanks(s + n + 1))
		return LOCKDAG_NONE;
	return class_get(p, s + 1, n - 1, after_blanks(s + n + 1));
}

static void edge_line(struct proc *p, const char *s)
{
	struct lockdag_kgraph_edge *edge;
	uint32_t to = named_class(p, after_blanks(s + 2));

	if (to == LOCKDAG_NONE || p->from == LOCKDAG_NONE)
		return;
	edge = RECORD_PUSH(p->memory, p->graph->edges, p->graph->n_edges);
	if (edge)
		*edge = (struct lockdag_kgraph_edge){p->from, to, 1};
}

/* ------------------------------------------------------------------ chains, numbers */

static void chain_line(struct proc *p, const char *s)
{
	struct lockdag_kgraph *g = p->graph;
	struct lockdag_kgraph_chain *chain;
	uint32_t class, *slot;

	if (text_starts(s, "irq_context: ")) {
		chain = RECORD_PUSH(p->memory, g->chains, g->n_chains);
		if (chain) {
			s += strlen("irq_context: ");
			chain->context = record_text(p->memory, s, strlen(s));
			chain->first = g->n_chain_classes;
		}
		p->in_chain = chain != NULL;
		return;
	}
	class = p->in_chain ? named_class(p, s) : LOCKDAG_NONE;
	if (class == LOCKDAG_NONE)
		return;
	slot = RECORD_PUSH(p->memory, g->chain_classes, g->n_chain_classes);
	if (slot) {
		*slot = class;
		g->chains[g->n_chains - 1].n++;
	}
}

/* "dependency chains:                    1191 [max: 65536]" */
static void stat_line(struct proc *p, const char *s)
{
	const char *colon = strchr(s, ':'), *number;
	struct lockdag_kgraph_stat *stat;

	if (!colon)
		return;
	number = after_blanks(colon + 1);
	if (!isdigit((unsigned char)*number))
		return;
	stat = RECORD_PUSH(p->memory, p->graph->stats, p->graph->n_stats);
	if (!stat)
		return;
	stat->name = record_text(p->memory, s, (size_t)(colon - s));
	stat->value = strtoull(number, NULL, 10);
	stat->max = value_of(number, "[max:");
}

/* ------------------------------------------------------------------ lines */

static void proc_text(struct proc *p, const char *s)
{
	if (text_starts(s, "all lock classes:"))
		p->section = PROC_CLASSES;
	else if (text_starts(s, "all lock chains:"))
		p->section = PROC_CHAINS;
	else if (text_starts(s, "lock-classes: "))
		p->section = PROC_STATS;
	if (p->section == PROC_CLASSES && text_starts(s, "-> ["))
		edge_line(p, s);
	else if (p->section == PROC_CLASSES)
		class_line(p, s);
	else if (p->section == PROC_CHAINS)
		chain_line(p, s);
	else
		stat_line(p, s);
}

bool proc_line(struct proc *p, const char *s, size_t n)
{
	size_t at;

	for (at = 0; at < n && (s[at] == ' ' || s[at] == '\t'); at++)
		;
	while (n > at && (s[n - 1] == '\r' || s[n - 1] == ' '))
		n--;
	if (n == at)
		return true;
	p->line.n = 0;
	lockdag_text_add_n(&p->line, s + at, n - at);
	if (p->line.failed)
		return false;
	for (size_t i = 0; i < p->line.n; i++)
		if (p->line.s[i] == 0)
			p->line.s[i] = '?';
	proc_text(p, p->line.s);
	return !p->memory->failed;
}

int proc_new(const char *s, size_t n, struct proc **ret_proc)
{
	struct proc *p = calloc(1, sizeof(*p));

	if (!p)
		return -ENOMEM;
	p->graph = record_graph_new();
	p->from = LOCKDAG_NONE;
	if (!p->graph) {
		proc_free(p);
		return -ENOMEM;
	}
	p->memory = p->graph->memory;
	if (!proc_line(p, s, n)) {
		proc_free(p);
		return -ENOMEM;
	}
	*ret_proc = p;
	return 0;
}

struct lockdag_kgraph *proc_take(struct proc *p, const char *file)
{
	struct lockdag_kgraph *graph = p->graph;

	graph->file = record_text(p->memory, file, strlen(file));
	if (p->memory->failed)
		return NULL;
	p->graph = NULL;
	return graph;
}

void proc_free(struct proc *p)
{
	if (!p)
		return;
	lockdag_kgraph_free(p->graph);
	lockdag_text_clear(&p->line);
	free(p->slots);
	free(p);
}
