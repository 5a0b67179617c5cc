/* SPDX-License-Identifier: MIT
 *
 * A hang as a finding among the others of a run.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/text.h"
#include "core/core.h"
#include "core/find.h"
#include "core/standstill_rows.h"

#define FINDING_MAX_LOCKS 12

static enum lockdag_lock_type finding_type(const struct lockdag_still_thread *t)
{
	switch (t->kind) {
	case LOCKDAG_STILL_MUTEX:
		return LOCKDAG_LOCK_MUTEX;
	case LOCKDAG_STILL_RWLOCK:
		return LOCKDAG_LOCK_RWLOCK;
	case LOCKDAG_STILL_SPINLOCK:
		return LOCKDAG_LOCK_SPINLOCK;
	case LOCKDAG_STILL_ONCE:
	case LOCKDAG_STILL_GUARD:
		return LOCKDAG_LOCK_ONCE;
	case LOCKDAG_STILL_SEMAPHORE:
		return LOCKDAG_LOCK_SEMAPHORE;
	case LOCKDAG_STILL_BARRIER:
		return LOCKDAG_LOCK_BARRIER;
	case LOCKDAG_STILL_CONDITION:
		return LOCKDAG_LOCK_CONDITION;
	case LOCKDAG_STILL_JOIN:
		return LOCKDAG_LOCK_THREAD;
	case LOCKDAG_STILL_FILE_LOCK:
		return LOCKDAG_LOCK_FILE;
	case LOCKDAG_STILL_CHILD:
		return LOCKDAG_LOCK_PROCESS;
	default:
		return lockdag_wait_family(t->kind) == LOCKDAG_FAMILY_STREAM ? LOCKDAG_LOCK_STREAM
									     : LOCKDAG_LOCK_EVENT;
	}
}

/* The threads whose waits make the title: the circle's, else the first that waits for somebody. */
static size_t finding_threads(const struct lockdag_standstill *s, uint32_t *ret)
{
	const struct lockdag_still_cycle *c = NULL;
	size_t n = 0;

	for (size_t i = 0; i < s->cycles.n && !c; i++)
		if (!s->cycles.items[i].events_only || !standstill_has_circle(s))
			c = &s->cycles.items[i];
	if (c && c->n <= FINDING_MAX_LOCKS) {
		for (size_t i = 0; i < c->n; i++)
			ret[n++] = c->steps[i].thread;
		return n;
	}
	for (uint32_t i = 0; i < s->threads.n && n < 1; i++)
		if (s->threads.items[i].lock < s->locks.n)
			ret[n++] = i;
	return n;
}

static char *finding_name(const struct lockdag_standstill *s, uint32_t thread)
{
	const struct lockdag_still_thread *t = &s->threads.items[thread];
	const struct lockdag_still_lock *lock = still_lock(s, t->lock);
	char buffer[256];

	if (lock)
		return strdup(lock->name ? lock->name : lock->type);
	if (t->joins < s->threads.n) {
		lockdag_standstill_thread_name(s, t->joins, buffer, sizeof(buffer));
		return strdup(buffer);
	}
	return strdup(t->what ? t->what : lockdag_wait_kind_word(t->kind));
}

/* The name without what differs from run to run: addresses, and numbers of threads, processes and pipes. */
static char *finding_key(const char *name)
{
	char *key = strdup(name), *to = key;

	for (const char *at = name; key && *at;) {
		size_t address = strncmp(at, "0x", 2) ? 0 : 2 + strspn(at + 2, "0123456789abcdef");
		size_t number = strspn(at, "0123456789");
		bool after = at > name && strchr("( [", at[-1]) &&
			     (at[-1] != '[' || (at > name + 1 && at[-2] == ':'));

		if (address > 2)
			at += address;
		else if (number && after)
			at += number;
		else
			*to++ = *at++;
	}
	if (key)
		*to = 0;
	return key;
}

/* A lock that two threads of the circle wait for stands in it once. */
static int finding_add_lock(
	struct lockdag_finding *f, const struct lockdag_standstill *s, uint32_t thread)
{
	const struct lockdag_still_thread *t = &s->threads.items[thread];
	const struct lockdag_still_lock *lock = still_lock(s, t->lock);
	struct lockdag_finding_lock *row = &f->locks[f->n_locks];
	char *name = finding_name(s, thread);

	for (size_t i = 0; i < f->n_locks && name; i++)
		if (!strcmp(f->locks[i].name, name)) {
			free(name);
			return 0;
		}
	*row = (struct lockdag_finding_lock){.lock = LOCKDAG_NONE, .class_id = LOCKDAG_NONE,
		.name = name, .key = name ? finding_key(name) : NULL, .where = lock ? lock->where : NULL,
		.type = finding_type(t)};
	if (!row->name || !row->key) {
		free(row->name);
		free(row->key);
		return -ENOMEM;
	}
	f->n_locks++;
	return 0;
}

/* By names, not by numbers: the same hang of another run is the same finding. */
static uint64_t finding_id(const struct lockdag_standstill *s, const struct lockdag_finding *f)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < f->n_locks; i++)
		sum += lockdag_hash_mix(lockdag_hash_string(LOCKDAG_HASH_SEED, f->locks[i].key));
	return lockdag_hash_mix(
		sum ^ lockdag_hash_string(LOCKDAG_HASH_SEED, lockdag_verdict_word(s->verdict)));
}

static char *finding_title(const struct lockdag_finding *f, const struct lockdag_standstill *s)
{
	bool circle = s->verdict == LOCKDAG_VERDICT_DEADLOCK && standstill_has_circle(s);
	struct lockdag_text t = {0};

	if (!circle)
		lockdag_text_addf(&t, "%s", lockdag_verdict_word(s->verdict));
	for (size_t i = 0; i < f->n_locks; i++)
		lockdag_text_addf(&t, "%s%s", t.n ? (i ? " -> " : ": ") : "", f->locks[i].name);
	if (f->n_locks > 1 && circle)
		lockdag_text_addf(&t, " -> %s", f->locks[0].name);
	return lockdag_text_take(&t);
}

static int finding_fill(struct lockdag_finding *f, const struct lockdag_standstill *s)
{
	uint32_t threads[FINDING_MAX_LOCKS];
	size_t n = finding_threads(s, threads);
	int r = 0;

	f->locks = calloc(n + 1, sizeof(*f->locks));
	if (!f->locks)
		return -ENOMEM;
	for (size_t i = 0; r == 0 && i < n; i++)
		r = finding_add_lock(f, s, threads[i]);
	if (r < 0)
		return r;
	f->id = finding_id(s, f);
	f->title = finding_title(f, s);
	f->reason = strdup(s->sentence ? s->sentence : "");
	return f->title && f->reason ? 0 : -ENOMEM;
}

int lockdag_findings_add_hang(struct lockdag_findings *f, const struct lockdag_standstill *s)
{
	struct lockdag_finding hang = {.kind = LOCKDAG_FINDING_HANG, .grade = LOCKDAG_HAPPENED,
		.writer = LOCKDAG_NONE, .standstill = s};
	struct lockdag_finding *items = realloc(f->items, (f->n + 1) * sizeof(*items));
	int r;

	if (!items)
		return -ENOMEM;
	f->items = items;
	r = finding_fill(&hang, s);
	if (r < 0) {
		describe_free(&hang);
		return r;
	}
	/* Behind the others of its grade: those before it keep their numbers. */
	size_t at = 0;

	while (at < f->n && items[at].grade == LOCKDAG_HAPPENED)
		at++;
	memmove(items + at + 1, items + at, (f->n - at) * sizeof(*items));
	items[at] = hang;
	f->n++;
	for (size_t i = 0; f->plan && i < f->plan->n; i++)
		f->plan->items[i] += f->plan->items[i] >= at;
	return 0;
}
