/* SPDX-License-Identifier: MIT
 *
 * DWARF expressions over what a snapshot holds: seven registers and some words of stack. What
 * needs more (heap, globals, other registers) has no value, and the variable is passed over.
 */
#include "internal.h"

#define EVAL_STACK 32

struct eval {
	const struct sym_context *c;
	Dwarf_Attribute *attribute;
	const struct sym_value *frame_base;
	uint64_t stack[EVAL_STACK];
	size_t n;
	bool failed;
};

static void eval_push(struct eval *e, uint64_t value)
{
	if (e->n < EVAL_STACK)
		e->stack[e->n++] = value;
	else
		e->failed = true;
}

static uint64_t eval_pop(struct eval *e)
{
	if (e->n)
		return e->stack[--e->n];
	e->failed = true;
	return 0;
}

static uint64_t eval_register(struct eval *e, uint64_t number)
{
	if (number < SYM_N_REGISTERS && e->c->known & 1u << number)
		return e->c->registers[number];
	e->failed = true;
	return 0;
}

static void eval_deref(struct eval *e, uint64_t size)
{
	uint64_t value;

	if (sym_read_word(e->c, eval_pop(e), size, &value))
		eval_push(e, value);
	else
		e->failed = true;
}

static void eval_binary(struct eval *e, uint8_t atom)
{
	uint64_t b = eval_pop(e), a = eval_pop(e);

	switch (atom) {
	case DW_OP_plus:
		eval_push(e, a + b);
		break;
	case DW_OP_minus:
		eval_push(e, a - b);
		break;
	case DW_OP_mul:
		eval_push(e, a * b);
		break;
	case DW_OP_and:
		eval_push(e, a & b);
		break;
	case DW_OP_or:
		eval_push(e, a | b);
		break;
	case DW_OP_xor:
		eval_push(e, a ^ b);
		break;
	case DW_OP_shl:
		eval_push(e, b < 64 ? a << b : 0);
		break;
	case DW_OP_shr:
		eval_push(e, b < 64 ? a >> b : 0);
		break;
	case DW_OP_swap:
		eval_push(e, b);
		eval_push(e, a);
		break;
	default:
		e->failed = true;
	}
}

/* An address in the module's own address space, as a run-time one. */
static void eval_address(struct eval *e, const Dwarf_Op *op)
{
	Dwarf_Attribute operand;
	Dwarf_Addr address;

	if (op->atom == DW_OP_addr)
		eval_push(e, op->number + e->c->base);
	else if (e->attribute && !dwarf_getlocation_attr(e->attribute, op, &operand) &&
		 !dwarf_formaddr(&operand, &address))
		eval_push(e, address + e->c->base);
	else
		e->failed = true;
}

/* The operations that come in numbered families. false: op is of none. */
static bool eval_family(struct eval *e, const Dwarf_Op *op)
{
	uint8_t atom = op->atom;

	if (atom >= DW_OP_lit0 && atom <= DW_OP_lit31)
		eval_push(e, atom - DW_OP_lit0);
	else if (atom >= DW_OP_breg0 && atom <= DW_OP_breg31)
		eval_push(e, eval_register(e, atom - DW_OP_breg0) + op->number);
	else if (atom >= DW_OP_const1u && atom <= DW_OP_consts)
		eval_push(e, op->number); /* libdw extends the sign */
	else
		return false;
	return true;
}

static void eval_step(struct eval *e, const Dwarf_Op *op)
{
	if (eval_family(e, op))
		return;
	switch (op->atom) {
	case DW_OP_addr:
	case DW_OP_addrx:
	case DW_OP_GNU_addr_index:
		eval_address(e, op);
		break;
	case DW_OP_bregx:
		eval_push(e, eval_register(e, op->number) + op->number2);
		break;
	case DW_OP_fbreg:
		if (e->frame_base && e->frame_base->kind != SYM_NOWHERE)
			eval_push(e, e->frame_base->value + op->number);
		else
			e->failed = true;
		break;
	case DW_OP_call_frame_cfa:
		eval_push(e, e->c->cfa);
		e->failed |= !e->c->cfa_known;
		break;
	case DW_OP_plus_uconst:
		eval_push(e, eval_pop(e) + op->number);
		break;
	case DW_OP_deref:
		eval_deref(e, 8);
		break;
	case DW_OP_deref_size:
		eval_deref(e, op->number);
		break;
	case DW_OP_dup:
		eval_push(e, eval_pop(e));
		if (!e->failed)
			eval_push(e, e->stack[e->n - 1]);
		break;
	case DW_OP_drop:
		eval_pop(e);
		break;
	case DW_OP_neg:
		eval_push(e, -eval_pop(e));
		break;
	case DW_OP_nop:
		break;
	default:
		eval_binary(e, op->atom);
	}
}

struct sym_value sym_eval(const struct sym_context *c, Dwarf_Attribute *attribute,
	const struct sym_value *frame_base, const Dwarf_Op *ops, size_t n)
{
	struct eval e = {.c = c, .attribute = attribute, .frame_base = frame_base};
	struct sym_value none = {SYM_NOWHERE, 0}, value = {SYM_IN_MEMORY, 0};

	for (size_t i = 0; i < n && !e.failed; i++) {
		const Dwarf_Op *op = &ops[i];

		if (op->atom >= DW_OP_reg0 && op->atom <= DW_OP_reg31) {
			eval_push(&e, eval_register(&e, op->atom - DW_OP_reg0));
			value.kind = SYM_IS_VALUE;
		} else if (op->atom == DW_OP_regx) {
			eval_push(&e, eval_register(&e, op->number));
			value.kind = SYM_IS_VALUE;
		} else if (op->atom == DW_OP_stack_value) {
			value.kind = SYM_IS_VALUE;
		} else if (op->atom == DW_OP_piece) {
			if (op->number != 8)
				return none;
			break; /* the first piece: the pointer of a smart pointer, say */
		} else {
			eval_step(&e, op);
		}
	}
	value.value = eval_pop(&e);
	return e.failed ? none : value;
}

static struct sym_value eval_attribute(const struct sym_context *c, Dwarf_Die *die, unsigned name,
	const struct sym_value *frame_base)
{
	Dwarf_Attribute mem, *attr = dwarf_attr(die, name, &mem);
	struct sym_value none = {SYM_NOWHERE, 0};
	Dwarf_Op *ops;
	size_t n;

	if (!attr || dwarf_getlocation_addr(attr, c->offset - 1, &ops, &n, 1) < 1 || !n)
		return none;
	return sym_eval(c, attr, frame_base, ops, n);
}

struct sym_value sym_eval_variable(
	const struct sym_context *c, Dwarf_Die *function, Dwarf_Die *variable)
{
	struct sym_value frame_base = eval_attribute(c, function, DW_AT_frame_base, NULL);

	return eval_attribute(c, variable, DW_AT_location, &frame_base);
}
