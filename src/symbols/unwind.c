/* SPDX-License-Identifier: MIT
 *
 * The frames of a snapshot: call frame information over the saved registers and words.
 */
#include "internal.h"

#include <stdlib.h>
#include <string.h>

enum { UNWIND_RBX = 3, UNWIND_RBP = 6, UNWIND_RSP = 7, UNWIND_R12 = 12, UNWIND_RA = 16 };

bool sym_read_word(const struct sym_context *c, uint64_t address, size_t size, uint64_t *ret)
{
	const struct lockdag_symbols_snapshot *snapshot = c->snapshot;
	uint64_t at = address - snapshot->rsp;

	if (!size || size > 8 || address < snapshot->rsp || at >= snapshot->n_words * 8 ||
		snapshot->n_words * 8 - at < size)
		return false;
	*ret = 0;
	memcpy(ret, (const char *)snapshot->words + at, size);
	return true;
}

static Dwarf_Frame *unwind_rules(struct sym_module *m, uint64_t offset)
{
	Dwarf_Frame *frame;

	if (!m->eh_cfi_read) {
		m->eh_cfi_read = true;
		m->eh_cfi = m->elf ? dwarf_getcfi_elf(m->elf) : NULL;
	}
	if (m->eh_cfi && !dwarf_cfi_addrframe(m->eh_cfi, offset, &frame))
		return frame;
	if (!m->debug_cfi_read) {
		m->debug_cfi_read = true;
		sym_module_debug(m);
		m->debug_cfi = m->dwarf ? dwarf_getcfi(m->dwarf) : NULL;
	}
	if (m->debug_cfi && !dwarf_cfi_addrframe(m->debug_cfi, offset, &frame))
		return frame;
	return NULL;
}

/* The frame's CFA, and its caller's registers when ret_caller is not NULL. */
static bool unwind_frame(struct sym_context *c, struct sym_context *ret_caller)
{
	static const int saved[] = {3, 6, 12, 13, 14, 15, UNWIND_RA};
	Dwarf_Frame *rules = c->module && c->offset ? unwind_rules(c->module, c->offset - 1) : NULL;
	struct sym_value value = {SYM_NOWHERE, 0};
	Dwarf_Op *ops, mem[3];
	size_t n;

	if (!rules)
		return false;
	if (!dwarf_frame_cfa(rules, &ops, &n) && n)
		value = sym_eval(c, NULL, NULL, ops, n);
	c->cfa_known = value.kind != SYM_NOWHERE;
	c->cfa = value.value;
	if (!ret_caller || !c->cfa_known || c->cfa <= c->registers[UNWIND_RSP]) {
		free(rules);
		return c->cfa_known;
	}
	for (size_t i = 0; i < LOCKDAG_ARRAY_SIZE(saved); i++) {
		int r = saved[i];

		if (dwarf_frame_register(rules, r, mem, &ops, &n))
			continue;
		if (!n) {
			/* The same value, or no rule: which for a register that functions must
			 * preserve is the same (libdw 0.188 leaves rbx out of that). */
			if (r != UNWIND_RA && c->known & 1u << r) {
				ret_caller->registers[r] = c->registers[r];
				ret_caller->known |= 1u << r;
			}
			continue;
		}
		value = sym_eval(c, NULL, NULL, ops, n);
		if (value.kind == SYM_NOWHERE ||
			(value.kind == SYM_IN_MEMORY &&
				!sym_read_word(c, value.value, 8, &value.value)))
			continue;
		ret_caller->registers[r] = value.value;
		ret_caller->known |= 1u << r;
	}
	free(rules);
	ret_caller->registers[UNWIND_RSP] = c->cfa;
	ret_caller->known |= 1u << UNWIND_RSP;
	return ret_caller->known & 1u << UNWIND_RA;
}

static bool unwind_base(const struct lockdag_symbols_snapshot *snapshot, int module, uint64_t *ret)
{
	for (size_t i = 0; i < snapshot->n_modules; i++) {
		if (snapshot->modules[i].module == module) {
			*ret = snapshot->modules[i].base;
			return true;
		}
	}
	*ret = 0;
	return false;
}

static void unwind_place(struct sym_context *c, int module, uint64_t offset)
{
	c->module = sym_module(c->s, module);
	c->offset = offset;
	unwind_base(c->snapshot, module, &c->base);
}

/* Which module a run-time address is in: the nearest below that holds it. */
static bool unwind_resolve(struct sym_context *c, uint64_t address)
{
	const struct lockdag_symbols_snapshot *snapshot = c->snapshot;
	uint64_t limit = address, base;

	for (size_t i = 0; i < snapshot->n_frames; i++) {
		const struct lockdag_symbols_address *a = &snapshot->frames[i];

		if (a->module >= 0 && unwind_base(snapshot, a->module, &base) &&
			base + a->offset == address) {
			unwind_place(c, a->module, a->offset);
			return c->module != NULL;
		}
	}
	for (;;) {
		const struct lockdag_symbols_module_base *best = NULL;
		struct sym_module *m;

		for (size_t i = 0; i < snapshot->n_modules; i++) {
			if (snapshot->modules[i].base <= limit &&
				(!best || snapshot->modules[i].base > best->base))
				best = &snapshot->modules[i];
		}
		if (!best)
			return false;
		m = sym_module(c->s, best->module);
		if (m && sym_module_holds(m, address - best->base)) {
			unwind_place(c, best->module, address - best->base);
			return true;
		}
		if (!best->base)
			return false;
		limit = best->base - 1;
	}
}

void sym_unwind_first(struct lockdag_symbols *s, const struct lockdag_symbols_snapshot *snapshot,
	struct sym_context *c)
{
	*c = (struct sym_context){.s = s, .snapshot = snapshot};
	if (snapshot->n_frames)
		unwind_place(c, snapshot->frames[0].module, snapshot->frames[0].offset);
	c->registers[UNWIND_RBX] = snapshot->rbx;
	c->registers[UNWIND_RBP] = snapshot->rbp;
	c->registers[UNWIND_RSP] = snapshot->rsp;
	c->registers[UNWIND_R12] = snapshot->r12;
	c->registers[UNWIND_R12 + 1] = snapshot->r13;
	c->registers[UNWIND_R12 + 2] = snapshot->r14;
	c->registers[UNWIND_R12 + 3] = snapshot->r15;
	if (snapshot->rsp)
		c->known =
			1u << UNWIND_RBX | 1u << UNWIND_RBP | 1u << UNWIND_RSP | 0xfu << UNWIND_R12;
	unwind_frame(c, NULL);
}

/* c is the frame at depth (0: the first). Where the words end, or the rules fail, the guest's own
 * return addresses go on, without registers. */
bool sym_unwind_next(const struct sym_context *c, size_t depth, struct sym_context *ret_caller)
{
	const struct lockdag_symbols_snapshot *snapshot = c->snapshot;
	struct sym_context from = *c;

	*ret_caller = (struct sym_context){.s = c->s, .snapshot = snapshot};
	if (unwind_frame(&from, ret_caller) &&
		unwind_resolve(ret_caller, ret_caller->registers[UNWIND_RA])) {
		unwind_frame(ret_caller, NULL);
		return true;
	}
	if (depth + 1 >= snapshot->n_frames)
		return false;
	*ret_caller = (struct sym_context){.s = c->s, .snapshot = snapshot};
	unwind_place(
		ret_caller, snapshot->frames[depth + 1].module, snapshot->frames[depth + 1].offset);
	return ret_caller->module != NULL;
}
