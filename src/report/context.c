/* SPDX-License-Identifier: MIT
 *
 * Signal handlers and forks in reports.
 */
#include "report/render.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define CONTEXT_SUFFIX " handler"

char *report_handler(const struct report *r, uint32_t by)
{
	struct lockdag_text t = {0};
	char buffer[REPORT_NAME_SIZE];

	report_escape(&t, by < r->m->locks.n
				  ? lockdag_model_lock_name(r->m, by, buffer, sizeof(buffer))
				  : "signal handler");
	return lockdag_text_take(&t);
}

char *report_signal(const struct report *r, uint32_t by)
{
	char *name = report_handler(r, by);
	size_t n = name ? strlen(name) : 0, suffix = strlen(CONTEXT_SUFFIX);

	if (n > suffix && !strcmp(name + n - suffix, CONTEXT_SUFFIX))
		name[n - suffix] = 0;
	return name;
}

bool report_leads_through(const struct lockdag_finding *f, enum lockdag_through through)
{
	for (size_t i = 0; f->links && i < f->n_locks; i++)
		if (f->links[i].through == through)
			return true;
	return false;
}

/* ------------------------------------------------------------------ usage */

static void context_note(struct report_usages *u, const struct lockdag_model *m,
	const struct lockdag_held *h, unsigned written, unsigned read)
{
	if (h->lock < m->locks.n && m->locks.items[h->lock].birth < m->births.n)
		u->used[m->locks.items[h->lock].birth] |=
			(unsigned char)(report_is_read(h->mode) ? read : written);
}

/* A wait for a handler says what is held where its signal can come. */
static void context_note_all(
	struct report_usages *u, const struct lockdag_model *m, const struct lockdag_acquire *a)
{
	const struct lockdag_held own = {a->lock, a->serial, a->mode, a->flags, a->stack};
	bool handler = a->lock < m->locks.n &&
		       m->locks.items[a->lock].birth < m->births.n &&
		       m->births.items[m->locks.items[a->lock].birth].type == LOCKDAG_LOCK_HANDLER;

	u->handlers |= handler;
	if (!handler)
		context_note(u, m, &own, REPORT_WRITTEN, REPORT_READ);
	if (a->flags & LOCKDAG_ACQUIRE_HANDLER && !handler)
		context_note(u, m, &own, REPORT_IN_WRITTEN, REPORT_IN_READ);
	for (uint32_t i = 0; handler && i < a->n_held && a->held + i < m->held.n; i++)
		context_note(u, m, &m->held.items[a->held + i], REPORT_ON_WRITTEN, REPORT_ON_READ);
}

int report_usages_init(struct report_usages *u, const struct lockdag_model *m)
{
	*u = (struct report_usages){.used = calloc(m->births.n + 1, 1)};
	if (!u->used)
		return -ENOMEM;
	for (size_t i = 0; i < m->acquires.n; i++)
		context_note_all(u, m, &m->acquires.items[i]);
	for (size_t i = 0; i < m->held.n; i++)
		context_note(u, m, &m->held.items[i], REPORT_WRITTEN, REPORT_READ);
	return 0;
}

void report_usages_done(struct report_usages *u)
{
	free(u->used);
	u->used = NULL;
}

unsigned report_usage(const struct report_usages *u, const struct lockdag_model *m, uint32_t lock)
{
	if (lock >= m->locks.n || m->locks.items[lock].birth >= m->births.n)
		return 0;
	return u->used[m->locks.items[lock].birth];
}

static char context_sign(unsigned usage, unsigned in, unsigned on)
{
	if (usage & in)
		return usage & on ? '?' : '-';
	return usage & on ? '+' : '.';
}

const char *report_usage_mask(const struct report_usages *u, unsigned usage, char *buffer)
{
	buffer[0] = usage & REPORT_WRITTEN ? '+' : '.';
	buffer[1] = usage & REPORT_READ ? '+' : '.';
	buffer[2] = u->handlers ? context_sign(usage, REPORT_IN_WRITTEN, REPORT_ON_WRITTEN) : buffer[0];
	buffer[3] = u->handlers ? context_sign(usage, REPORT_IN_READ, REPORT_ON_READ) : buffer[1];
	buffer[4] = 0;
	return buffer;
}

const char *report_usage_words(unsigned usage)
{
	bool in = usage & (REPORT_IN_WRITTEN | REPORT_IN_READ);
	bool on = usage & (REPORT_ON_WRITTEN | REPORT_ON_READ);

	if (in && on)
		return "taken by a signal handler, and held where such a signal can come";
	if (in)
		return "taken by a signal handler";
	return on ? "held where a signal can come whose handler takes locks" : NULL;
}
