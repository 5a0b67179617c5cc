/* SPDX-License-Identifier: MIT
 *
 * The stack of a thread that was not stopped. /proc tells its stack pointer alone, so the unwind tables lead as
 * far as the first function that goes by rbp. Such a function has pushed its caller's rbp right below the
 * address that it returns to, and set its own to that place. It is looked for from the function's stack pointer
 * on, and believed where that address follows the very call that leads to this function: a direct one, one
 * through the module's linkage table, or one through a register in the C library, which calls main and what a
 * thread begins with so.
 */
#include "internal.h"

#include <string.h>

#define RESUME_MAX 8		/* times, of one stack */
#define RESUME_MAX_WORDS 2048 /* that one function may have on the stack */

/* Where does the call that ends before `pc` lead to? 0: it is none, or an indirect one (*ret_indirect). */
static uint64_t resume_called(const struct hang_process *p, uint64_t pc, bool *ret_indirect)
{
	unsigned char code[7];
	int32_t offset;

	*ret_indirect = false;
	if (pc < 4096 || !hang_read(p, pc - sizeof(code), code, sizeof(code)))
		return 0;
	memcpy(&offset, code + 3, sizeof(offset));
	if (code[2] == 0xe8)
		return pc + (uint64_t)(int64_t)offset;
	*ret_indirect = (code[5] == 0xff && (code[6] & 0xf8) == 0xd0) || /* call *%rax */
			(code[4] == 0x41 && code[5] == 0xff && (code[6] & 0xf8) == 0xd0) ||
			(code[1] == 0xff && code[2] == 0x15) ||		   /* call *x(%rip) */
			(code[4] == 0xff && (code[5] & 0xf8) == 0x50) || /* call *x(%rax) */
			(code[1] == 0xff && (code[2] & 0xf8) == 0x90);
	return 0;
}

/* What a stub of the linkage table jumps to: [endbr64] [bnd] jmp *x(%rip). */
static uint64_t resume_linked(const struct hang_process *p, uint64_t stub)
{
	unsigned char code[12];
	uint64_t target;
	size_t i = 0;
	int32_t offset;

	if (!hang_read(p, stub, code, sizeof(code)))
		return 0;
	if (!memcmp(code, "\xf3\x0f\x1e\xfa", 4))
		i = 4;
	i += code[i] == 0xf2;
	if (code[i] != 0xff || code[i + 1] != 0x25)
		return 0;
	memcpy(&offset, code + i + 2, sizeof(offset));
	return hang_read_u64(p, stub + i + 6 + (uint64_t)(int64_t)offset, &target) ? target : 0;
}

static bool resume_is_caller(const struct hang_process *p, uint64_t pc, uint64_t entry)
{
	const struct hang_module *m = hang_module(p, pc);
	const struct hang_region *region = hang_region(p, pc);
	bool indirect;
	uint64_t to;

	if (!m || !region || !region->exec)
		return false;
	to = resume_called(p, pc, &indirect);
	return (to && (to == entry || resume_linked(p, to) == entry)) || (indirect && m->libc);
}

static uint64_t resume_entry(const struct hang_process *p, uint64_t pc)
{
	Dwfl_Module *module = dwfl_addrmodule(p->dwfl, pc - 1);
	GElf_Off offset;
	GElf_Sym symbol;

	if (!module || !dwfl_module_addrinfo(module, pc - 1, &offset, &symbol, NULL, NULL, NULL))
		return 0;
	return pc - 1 - offset;
}

/* Two words of the stack, most of which was read at once. */
static bool resume_words(const struct hang_process *p, const struct hang_thread *t, uint64_t at,
	uint64_t ret[2])
{
	uint64_t offset = at - t->window_start;

	if (at >= t->window_start && t->window_n >= 16 && offset <= t->window_n - 16) {
		memcpy(ret, t->window + offset, 16);
		return true;
	}
	return hang_read(p, at, ret, 16);
}

/* The rbp of the function of that frame; 0: not found. */
static uint64_t resume_base(
	const struct hang_process *p, const struct hang_thread *t, const struct hang_frame *f)
{
	uint64_t entry = resume_entry(p, f->pc), words[2];

	if (!entry || !(f->known & 1u << HANG_RSP) || f->rsp % 8)
		return 0;
	for (uint64_t at = f->rsp; at < f->rsp + 8 * (uint64_t)RESUME_MAX_WORDS; at += 8) {
		if (!resume_words(p, t, at, words))
			return 0;
		if ((words[0] <= 1 || words[0] > at) && resume_is_caller(p, words[1], entry))
			return at;
	}
	return 0;
}

bool hang_resume(struct hang_process *p, struct hang_thread *t)
{
	struct hang_frame *last = t->n_frames ? &t->frames[t->n_frames - 1] : NULL;

	if (t->frozen || p->core || !last || t->n_frames >= HANG_MAX_FRAMES || last->activation ||
		last->known & 1u << HANG_RBP || t->resumed >= RESUME_MAX)
		return false;
	last->rbp = resume_base(p, t, last);
	if (!last->rbp)
		return false;
	last->known |= 1u << HANG_RBP;
	t->resumed++;
	return true;
}
