/* SPDX-License-Identifier: MIT
 *
 * From addresses to what people call them, by the room `symbols`.
 */
#include "internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

const struct hang_module *hang_module(const struct hang_process *p, uint64_t pc)
{
	for (size_t i = 0; i < p->modules.n; i++)
		if (pc >= p->modules.items[i].start && pc < p->modules.items[i].end)
			return &p->modules.items[i];
	return NULL;
}

/* ------------------------------------------------------------------ frames */

static struct hang_symbol *name_slot(
	struct hang_symbol *items, size_t n, uint32_t process, uint64_t pc, bool call)
{
	size_t i = lockdag_hash_mix(pc * 2 + call + ((uint64_t)process << 48)) & (n - 1);

	while (items[i].n &&
		(items[i].pc != pc || items[i].process != process || items[i].call != call))
		i = (i + 1) & (n - 1);
	return &items[i];
}

static bool name_grow(struct hang *h)
{
	size_t n = h->cache.cap ? h->cache.cap * 2 : 1024;
	struct hang_symbol *items = calloc(n, sizeof(*items));

	if (!items)
		return false;
	for (size_t i = 0; i < h->cache.cap; i++) {
		struct hang_symbol *old = &h->cache.items[i];

		if (old->n)
			*name_slot(items, n, old->process, old->pc, old->call) = *old;
	}
	free(h->cache.items);
	h->cache.items = items;
	h->cache.cap = n;
	return true;
}

static size_t name_frames(const struct hang_process *p, struct hang *h, uint64_t pc, bool call,
	struct lockdag_frame *frames)
{
	const struct hang_module *m = hang_module(p, pc);
	int n = 0;

	if (m && m->number >= 0)
		n = lockdag_symbols_frames(
			h->symbols, m->number, pc - m->base, call, frames, LOCKDAG_MAX_INLINE);
	if (n > 0)
		return (size_t)n;
	frames[0] = (struct lockdag_frame){
		.module = m ? m->name : NULL, .offset = m ? pc - m->base : pc};
	return 1;
}

size_t hang_symbolize(struct hang *h, uint32_t process, uint64_t pc, bool call, uint32_t *ret_first)
{
	struct lockdag_frame found[LOCKDAG_MAX_INLINE];
	struct hang_symbol *slot;
	size_t n;

	if (h->n_cached * 2 >= h->cache.cap && !name_grow(h))
		return 0;
	slot = name_slot(h->cache.items, h->cache.cap, process, pc, call);
	if (!slot->n) {
		n = name_frames(&h->processes.items[process], h, pc, call, found);
		*slot = (struct hang_symbol){.pc = pc,
			.process = process,
			.call = call,
			.n = (uint8_t)n,
			.first = (uint32_t)h->frames.n};
		h->n_cached++;
		for (size_t i = 0; i < n; i++) {
			struct lockdag_frame *f = lockdag_vec_push(&h->frames);

			if (!f) {
				slot->n = (uint8_t)i;
				break;
			}
			*f = found[i];
		}
	}
	*ret_first = slot->first;
	return slot->n;
}

size_t hang_own_frame(const struct hang_process *p, const struct hang_thread *t)
{
	for (size_t i = 0; i < t->n_frames; i++) {
		const struct hang_module *m = hang_module(p, t->frames[i].pc);

		if (!m || !m->library)
			return i;
	}
	return t->n_frames;
}

int hang_describe(struct hang *h, uint32_t process, uint32_t thread, struct lockdag_still_thread *t)
{
	const struct hang_process *p = &h->processes.items[process];
	const struct hang_thread *from = &p->threads.items[thread];
	size_t own = hang_own_frame(p, from), n = 0;
	struct lockdag_frame all[HANG_MAX_FRAMES * 2];

	for (size_t i = 0; i < from->n_frames; i++) {
		const struct hang_frame *f = &from->frames[i];
		uint32_t first;
		size_t k = hang_symbolize(h, process, f->pc, !f->activation, &first);

		if (i == own)
			t->n_hidden = n;
		for (size_t j = 0; j < k && n < LOCKDAG_ARRAY_SIZE(all); j++)
			all[n++] = h->frames.items[first + j];
	}
	if (own == from->n_frames)
		t->n_hidden = 0;
	return lockdag_standstill_describe(h->s, t, all, n);
}

/* ------------------------------------------------------------------ threads */

/* Of the C library, in a static program. */
static bool name_is_start(const char *function)
{
	static const char *const names[] = {"start_thread", "start", "start_c", "clone", "clone3"};

	while (function && *function == '_')
		function++;
	for (size_t i = 0; function && i < LOCKDAG_ARRAY_SIZE(names); i++)
		if (!strcmp(function, names[i]))
			return true;
	return false;
}

const char *hang_entry(struct hang *h, uint32_t process, const struct hang_thread *t)
{
	const struct hang_process *p = &h->processes.items[process];
	struct lockdag_symbols_address stack[HANG_MAX_FRAMES];
	int starter = -1;
	size_t n = 0;

	for (size_t i = 0; i < t->n_frames; i++) {
		const struct hang_module *m = hang_module(p, t->frames[i].pc);

		stack[n++] = (struct lockdag_symbols_address){
			m ? m->number : -1, m ? t->frames[i].pc - m->base : 0};
		if (m && m->library && !m->libc)
			starter = m->number;
	}
	for (size_t i = t->n_frames; i-- > 0;) {
		const struct hang_module *m = hang_module(p, t->frames[i].pc);
		uint32_t first;
		size_t k;

		if (m && m->libc)
			continue;
		if (m && m->library) {
			if (starter < 0)
				return NULL;
			return lockdag_symbols_entry(h->symbols, stack, n, m->number);
		}
		if (m && m->number >= 0 &&
			lockdag_symbols_starts_rust(h->symbols, m->number, t->frames[i].pc - m->base))
			return lockdag_symbols_entry(h->symbols, stack, n, m->number);
		k = hang_symbolize(h, process, t->frames[i].pc, !t->frames[i].activation, &first);
		if (k && !name_is_start(h->frames.items[first + k - 1].function))
			return h->frames.items[first + k - 1].function;
	}
	return NULL;
}

/* ------------------------------------------------------------------ locks */

/* The module that holds the address in its data: the nearest that begins below it. */
static const struct hang_module *name_data_module(const struct hang_process *p, uint64_t address)
{
	const struct hang_module *found = hang_module(p, address);

	for (size_t i = 0; i < p->modules.n && !found; i++) {
		const struct hang_module *m = &p->modules.items[i];

		if (m->start <= address && address - m->end < (1u << 28) &&
			(!found || m->start > found->start))
			found = m;
	}
	return found;
}

bool hang_name_static(
	struct hang *h, uint32_t process, uint64_t address, struct lockdag_symbols_name *ret)
{
	const struct hang_module *m = name_data_module(&h->processes.items[process], address);

	return m && m->number >= 0 &&
	       lockdag_symbols_variable(h->symbols, m->number, address - m->base, ret) == 0 &&
	       ret->name;
}

/* What the frames of a thread that asks for the lock know of it. */
static bool name_by_frames(struct hang *h, const struct hang_process *p,
	const struct hang_thread *t, const char *type, uint64_t address,
	struct lockdag_symbols_name *ret)
{
	struct lockdag_symbols_module_base bases[256];
	struct lockdag_symbols_snapshot s = {.lock = address, .modules = bases};
	uint64_t words[LOCKDAG_SNAPSHOT_WORDS];
	size_t own = hang_own_frame(p, t);
	const struct hang_frame *f;
	struct hang_primitive prim;

	if (own == 0) { /* a static program: its C library is in it */
		hang_primitive(h, (uint32_t)(p - h->processes.items), t, &prim);
		own = prim.kind == LOCKDAG_N_STILL ? 0 : prim.frame + 1;
	}
	if (own >= t->n_frames || t->frames[own].activation)
		return false;
	f = &t->frames[own];
	s.rbx = f->rbx, s.rbp = f->rbp, s.rsp = f->rsp;
	s.r12 = f->r12, s.r13 = f->r13, s.r14 = f->r14, s.r15 = f->r15;
	s.words = words;
	s.n_words = hang_read_some(p, f->rsp, words, sizeof(words)) / 8;
	for (size_t i = own; i < t->n_frames && s.n_frames < LOCKDAG_SNAPSHOT_FRAMES; i++) {
		const struct hang_module *m = hang_module(p, t->frames[i].pc);

		s.frames[s.n_frames++] = (struct lockdag_symbols_address){
			m ? m->number : -1, m ? t->frames[i].pc - m->base : 0};
	}
	for (size_t i = 0; i < p->modules.n && s.n_modules < LOCKDAG_ARRAY_SIZE(bases); i++)
		if (p->modules.items[i].number >= 0)
			bases[s.n_modules++] = (struct lockdag_symbols_module_base){
				p->modules.items[i].number, p->modules.items[i].base};
	return lockdag_symbols_lock_name(h->symbols, &s, false, type, ret) == 0 && ret->name;
}

/* "mutex first locked at x.c:3 (f)" is what symbols says when it knows no name. Here nobody knows
 * where it was first locked. */
static const char *name_or_place(
	struct hang *h, const struct lockdag_still_lock *lock, const char *name)
{
	const char *words = strstr(name, " first locked at ");

	if (!words || strncmp(name, lock->type, strlen(lock->type)))
		return lockdag_standstill_text(h->s, name);
	return lockdag_standstill_textf(h->s, "%s 0x%llx asked for at %s", lock->type,
		(unsigned long long)lock->address, words + strlen(" first locked at "));
}

void hang_name_lock(struct hang *h, uint32_t process, const struct hang_thread *t,
	struct lockdag_still_lock *lock)
{
	const struct hang_process *p = &h->processes.items[process];
	struct lockdag_symbols_name name = {0};
	const char *said = NULL, *guard = "guard variable for ";

	if (hang_name_static(h, process, lock->address, &name))
		said = !strncmp(name.name, guard, strlen(guard)) ? name.name + strlen(guard)
								 : name.name;
	else if (name_by_frames(h, p, t, lock->type, lock->address, &name))
		said = name.name;
	lock->name = said ? name_or_place(h, lock, said) : NULL;
	if (!lock->name)
		lock->name = lockdag_standstill_textf(
			h->s, "%s 0x%llx", lock->type, (unsigned long long)lock->address);
	if (name.where && said && !strstr(said, " first locked at "))
		lock->where = lockdag_standstill_text(h->s, name.where);
}

void hang_name_stream(struct hang *h, uint32_t process, const struct hang_thread *t,
	struct lockdag_still_lock *lock)
{
	struct lockdag_symbols_name name = {0};

	if (name_by_frames(h, &h->processes.items[process], t, "event", 0, &name) &&
		strncmp(name.name, "event ", 6))
		lock->name = lockdag_standstill_text(h->s, name.name);
	if (!lock->name)
		lock->name = lock->detail;
}
