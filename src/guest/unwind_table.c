/* SPDX-License-Identifier: MIT
 *
 * From a return address to its rule, by the call frame tables (DWARF 4 section 6.4, LSB "Exception
 * Frames"). The table of a module is found by _dl_find_object (glibc 2.35), which takes no lock.
 */
#include "guest/unwind_rule.h"

#include <dlfcn.h>

#pragma weak _dl_find_object

/* ------------------------------------------------------------------ reading the tables */

struct unwind_reader {
	const uint8_t *at, *end;
};

static uint64_t unwind_fixed(struct unwind_reader *r, unsigned n)
{
	uint64_t v = 0;

	if ((size_t)(r->end - r->at) < n) {
		r->at = r->end;
		return 0;
	}
	for (unsigned i = 0; i < n; i++)
		v |= (uint64_t)r->at[i] << 8 * i;
	r->at += n;
	return v;
}

static uint64_t unwind_uleb(struct unwind_reader *r)
{
	uint64_t v = 0;

	for (unsigned shift = 0; r->at < r->end; shift += 7) {
		uint8_t b = *r->at++;

		if (shift < 64)
			v |= (uint64_t)(b & 0x7f) << shift;
		if (!(b & 0x80))
			break;
	}
	return v;
}

static int64_t unwind_sleb(struct unwind_reader *r)
{
	uint64_t v = 0;

	for (unsigned shift = 0; r->at < r->end;) {
		uint8_t b = *r->at++;

		if (shift < 64)
			v |= (uint64_t)(b & 0x7f) << shift;
		shift += 7;
		if (!(b & 0x80)) {
			if ((b & 0x40) && shift < 64)
				v |= ~UINT64_C(0) << shift;
			break;
		}
	}
	return (int64_t)v;
}

/* A pointer by its DW_EH_PE encoding; indirect ones are not followed (personality only). */
static uint64_t unwind_pointer(struct unwind_reader *r, uint8_t encoding, uint64_t data_base)
{
	uint64_t here = (uint64_t)r->at, v;

	if (encoding == 0xff)
		return 0;
	switch (encoding & 0x0f) {
	case 0x01:
		v = unwind_uleb(r);
		break;
	case 0x02:
		v = unwind_fixed(r, 2);
		break;
	case 0x03:
		v = unwind_fixed(r, 4);
		break;
	case 0x09:
		v = (uint64_t)unwind_sleb(r);
		break;
	case 0x0a:
		v = (uint64_t)(int16_t)unwind_fixed(r, 2);
		break;
	case 0x0b:
		v = (uint64_t)(int32_t)unwind_fixed(r, 4);
		break;
	default:
		v = unwind_fixed(r, 8);
		break;
	}
	if (v && (encoding & 0x70) == 0x10)
		v += here;
	else if (v && (encoding & 0x70) == 0x30)
		v += data_base;
	return v;
}

/* The frame description entry for ip, by the binary search table of .eh_frame_hdr. */
static const uint8_t *unwind_find_entry(const uint8_t *header, uint64_t ip)
{
	struct unwind_reader r = { header + 4, header + 4 + 64 };
	uint64_t n, low = 0, high;
	const int32_t *table;

	if (header[0] != 1 || header[3] != 0x3b) /* sorted pairs of 4-byte offsets from the header */
		return NULL;
	unwind_pointer(&r, header[1], (uint64_t)header);
	n = unwind_pointer(&r, header[2], (uint64_t)header);
	if (header[2] == 0xff || !n)
		return NULL;
	table = (const int32_t *)r.at;
	for (high = n; high - low > 1;) {
		uint64_t middle = low + (high - low) / 2;

		if ((uint64_t)header + (uint64_t)(int64_t)table[2 * middle] <= ip)
			low = middle;
		else
			high = middle;
	}
	if ((uint64_t)header + (uint64_t)(int64_t)table[2 * low] > ip)
		return NULL;
	return header + table[2 * low + 1];
}

/* ------------------------------------------------------------------ running the table's program */

struct unwind_row {
	struct unwind_rule rule;
	bool return_undefined;
	bool unusable; /* something this walk does not follow */
};

struct unwind_program {
	uint64_t code_align;
	int64_t data_align;
	uint8_t encoding;
	uint64_t location, ip;
	struct unwind_row row, initial, kept[4];
	unsigned n_kept;
};

static int unwind_saved_index(uint64_t dwarf_register)
{
	switch (dwarf_register) {
	case 3:
		return GUEST_RBX;
	case 6:
		return GUEST_RBP;
	case 12:
	case 13:
	case 14:
	case 15:
		return GUEST_R12 + (int)dwarf_register - 12;
	default:
		return -1;
	}
}

static void unwind_set_cfa(struct unwind_row *row, uint64_t reg, int64_t offset)
{
	int saved = unwind_saved_index(reg);

	row->rule.cfa_offset = (int32_t)offset;
	if (reg == 7) {
		row->rule.cfa_from = UNWIND_CFA_RSP;
	} else if (reg == 6) {
		row->rule.cfa_from = UNWIND_CFA_RBP;
	} else if (saved >= 0) {
		row->rule.cfa_from = UNWIND_CFA_OTHER;
		row->rule.cfa_register = (uint8_t)saved;
	} else {
		/* r10 around a stack realignment: only for an instruction or two, no call in them */
		row->rule.cfa_from = UNWIND_CFA_NONE;
	}
}

static void unwind_set_saved(struct unwind_row *row, uint64_t reg, int64_t offset)
{
	int i = unwind_saved_index(reg);

	if (reg == 16)
		row->unusable |= offset != -8;
	else if (i >= 0 && offset > INT16_MIN && offset <= INT16_MAX)
		row->rule.saved[i] = (int16_t)offset;
	else if (i >= 0)
		row->unusable = true;
	if (i >= 0)
		row->rule.from_rbp &= (uint8_t)~(1u << i);
}

/* CFA = *(rbp + n), as gcc writes it for functions that realign their stack. */
static void unwind_cfa_expression(struct unwind_row *row, struct unwind_reader *r)
{
	uint64_t n = unwind_uleb(r);
	struct unwind_reader e = { r->at, r->at + n };

	if (n > (uint64_t)(r->end - r->at)) {
		row->unusable = true;
		return;
	}
	r->at += n;
	if (n >= 3 && *e.at == 0x76) { /* DW_OP_breg6 */
		e.at++;
		row->rule.cfa_deref = (int32_t)unwind_sleb(&e);
		if (unwind_fixed(&e, 1) == 0x06 && e.at == e.end) { /* DW_OP_deref, and no more */
			row->rule.cfa_from = UNWIND_CFA_RBP_DEREF;
			row->rule.cfa_offset = 0;
			return;
		}
	}
	row->rule.cfa_from = UNWIND_CFA_NONE;
}

/* reg is saved at rbp + n (DW_OP_breg6 n): used beside the expression above, where the table does
 * not know how far rbp is from the CFA. */
static void unwind_saved_expression(struct unwind_row *row, struct unwind_reader *r, bool value)
{
	uint64_t reg = unwind_uleb(r), n = unwind_uleb(r);
	struct unwind_reader e = { r->at, r->at + n };
	int i = unwind_saved_index(reg);
	int64_t offset;

	if (n > (uint64_t)(r->end - r->at)) {
		row->unusable = true;
		return;
	}
	r->at += n;
	if (i < 0) {
		row->unusable |= reg == 16;
		return;
	}
	if (value || n < 2 || *e.at++ != 0x76) { /* DW_OP_breg6 */
		row->unusable = true;
		return;
	}
	offset = unwind_sleb(&e);
	row->unusable |= e.at != e.end;
	unwind_set_saved(row, reg, offset);
	row->rule.from_rbp |= (uint8_t)(1u << i);
}

static void unwind_restore(struct unwind_program *p, uint64_t reg)
{
	int i = unwind_saved_index(reg);

	if (i < 0)
		return;
	p->row.rule.saved[i] = p->initial.rule.saved[i];
	p->row.rule.from_rbp &= (uint8_t)~(1u << i);
	p->row.rule.from_rbp |= p->initial.rule.from_rbp & (uint8_t)(1u << i);
}

static void unwind_extended(struct unwind_program *p, struct unwind_reader *r, uint8_t op)
{
	struct unwind_row *row = &p->row;
	uint64_t reg;

	switch (op) {
	case 0x05: /* offset_extended */
		reg = unwind_uleb(r);
		unwind_set_saved(row, reg, (int64_t)unwind_uleb(r) * p->data_align);
		break;
	case 0x06: /* restore_extended */
		unwind_restore(p, unwind_uleb(r));
		break;
	case 0x07: /* undefined */
		row->return_undefined |= unwind_uleb(r) == 16;
		break;
	case 0x08: /* same_value */
		reg = unwind_uleb(r);
		if (unwind_saved_index(reg) >= 0)
			row->rule.saved[unwind_saved_index(reg)] = UNWIND_KEPT;
		break;
	case 0x09: /* register */
		unwind_uleb(r);
		unwind_uleb(r);
		row->unusable = true;
		break;
	case 0x0a: /* remember_state */
		if (p->n_kept < LOCKDAG_ARRAY_SIZE(p->kept))
			p->kept[p->n_kept++] = *row;
		else
			row->unusable = true;
		break;
	case 0x0b: /* restore_state */
		if (p->n_kept)
			*row = p->kept[--p->n_kept];
		break;
	case 0x11: /* offset_extended_sf */
		reg = unwind_uleb(r);
		unwind_set_saved(row, reg, unwind_sleb(r) * p->data_align);
		break;
	case 0x10: /* expression */
	case 0x16: /* val_expression */
		unwind_saved_expression(row, r, op == 0x16);
		break;
	case 0x2e: /* GNU_args_size */
		unwind_uleb(r);
		break;
	default:
		if (op != 0)
			row->unusable = true;
		break;
	}
}

static void unwind_define_cfa(struct unwind_program *p, struct unwind_reader *r, uint8_t op)
{
	struct unwind_row *row = &p->row;
	uint64_t reg;

	switch (op) {
	case 0x0c: /* def_cfa */
		reg = unwind_uleb(r);
		unwind_set_cfa(row, reg, (int64_t)unwind_uleb(r));
		break;
	case 0x0d: /* def_cfa_register */
		unwind_set_cfa(row, unwind_uleb(r), row->rule.cfa_offset);
		break;
	case 0x0e: /* def_cfa_offset */
		row->rule.cfa_offset = (int32_t)unwind_uleb(r);
		break;
	case 0x0f: /* def_cfa_expression */
		unwind_cfa_expression(row, r);
		break;
	case 0x12: /* def_cfa_sf */
		reg = unwind_uleb(r);
		unwind_set_cfa(row, reg, unwind_sleb(r) * p->data_align);
		break;
	case 0x13: /* def_cfa_offset_sf */
		row->rule.cfa_offset = (int32_t)(unwind_sleb(r) * p->data_align);
		break;
	default:
		unwind_extended(p, r, op);
		break;
	}
}

/* Runs instructions until one moves beyond ip; true when that happened. */
static bool unwind_run(struct unwind_program *p, struct unwind_reader *r)
{
	while (r->at < r->end) {
		uint8_t op = *r->at++, low = op & 0x3f;

		switch (op & 0xc0) {
		case 0x40: /* advance_loc */
			p->location += low * p->code_align;
			break;
		case 0x80: /* offset */
			unwind_set_saved(&p->row, low, (int64_t)unwind_uleb(r) * p->data_align);
			continue;
		case 0xc0: /* restore */
			unwind_restore(p, low);
			continue;
		default:
			if (op == 0x01)
				p->location = unwind_pointer(r, p->encoding, 0);
			else if (op >= 0x02 && op <= 0x04)
				p->location += unwind_fixed(r, 1u << (op - 2)) * p->code_align;
			else {
				unwind_define_cfa(p, r, op);
				continue;
			}
			break;
		}
		if (p->location > p->ip)
			return true;
	}
	return false;
}

struct unwind_common {
	struct unwind_reader program;
	uint8_t encoding;
	bool augmented, signal_frame;
};

static bool unwind_read_common(
	const uint8_t *cie, struct unwind_program *p, struct unwind_common *ret)
{
	struct unwind_reader r = { cie, cie + 4 };
	uint64_t length = unwind_fixed(&r, 4);
	const char *augmentation;
	uint8_t version;

	if (!length || length == 0xffffffff)
		return false;
	r.end = r.at + length;
	unwind_fixed(&r, 4);
	version = (uint8_t)unwind_fixed(&r, 1);
	augmentation = (const char *)r.at;
	while (r.at < r.end && *r.at)
		r.at++;
	r.at++;
	p->code_align = unwind_uleb(&r);
	p->data_align = unwind_sleb(&r);
	if ((version == 1 ? unwind_fixed(&r, 1) : unwind_uleb(&r)) != 16)
		return false;
	if (*augmentation == 'z') {
		uint64_t n = unwind_uleb(&r);
		const uint8_t *after = r.at + n;

		ret->augmented = true;
		for (const char *a = augmentation + 1; *a; a++) {
			if (*a == 'R')
				ret->encoding = (uint8_t)unwind_fixed(&r, 1);
			else if (*a == 'P')
				unwind_pointer(&r, (uint8_t)unwind_fixed(&r, 1), 0);
			else if (*a == 'L')
				unwind_fixed(&r, 1);
			else if (*a == 'S')
				ret->signal_frame = true;
		}
		r.at = after;
	} else if (*augmentation) {
		return false;
	}
	ret->program = r;
	return true;
}

/* What it takes to step over the frame that contains ip (a return address). */
bool unwind_make_rule(uint64_t ip, struct unwind_rule *ret_rule)
{
	struct unwind_program p = { .ip = ip - 1 };
	struct unwind_common common = { .encoding = 0 };
	struct dl_find_object object;
	struct unwind_reader r;
	const uint8_t *entry;
	uint64_t length, start, range;

	if (!_dl_find_object || _dl_find_object((void *)(ip - 1), &object) || !object.dlfo_eh_frame)
		return false;
	entry = unwind_find_entry(object.dlfo_eh_frame, ip - 1);
	if (!entry)
		return false;
	r = (struct unwind_reader){ entry, entry + 8 };
	length = unwind_fixed(&r, 4);
	if (!length || length == 0xffffffff)
		return false;
	r.end = r.at + length;
	entry = r.at;
	if (!unwind_read_common(entry - unwind_fixed(&r, 4), &p, &common) || common.signal_frame)
		return false;
	start = unwind_pointer(&r, common.encoding, 0);
	range = unwind_pointer(&r, common.encoding & 0x0f, 0);
	if (ip - 1 - start >= range)
		return false;
	if (common.augmented) {
		uint64_t n = unwind_uleb(&r);

		r.at += n;
	}
	p.encoding = common.encoding;
	p.location = 0;
	p.row.rule.cfa_from = UNWIND_CFA_NONE;
	for (int i = 0; i < GUEST_N_SAVED; i++)
		p.row.rule.saved[i] = UNWIND_KEPT;
	unwind_run(&p, &common.program);
	p.initial = p.row;
	p.location = start;
	unwind_run(&p, &r);
	if (p.row.unusable || (p.row.rule.cfa_from == UNWIND_CFA_NONE && !p.row.return_undefined))
		return false;
	*ret_rule = p.row.rule;
	ret_rule->end = p.row.return_undefined;
	return true;
}

static const uint8_t *unwind_entry_of(uint64_t ip)
{
	struct dl_find_object object;

	if (!_dl_find_object || _dl_find_object((void *)(ip - 1), &object) || !object.dlfo_eh_frame)
		return NULL;
	return unwind_find_entry(object.dlfo_eh_frame, ip - 1);
}

bool guest_same_function(uint64_t ip, uint64_t other)
{
	const uint8_t *entry = unwind_entry_of(ip);

	return entry && entry == unwind_entry_of(other);
}
