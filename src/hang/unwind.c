/* SPDX-License-Identifier: MIT
 *
 * Stacks, by libdwfl, from registers and memory that were read before. Debug files are not looked
 * for: the unwind tables that a program runs with are enough, and nothing is fetched from a
 * network.
 */
#include "internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define UNWIND_MAX_GUESSED 16 /* frames */

static int unwind_no_debug(Dwfl_Module *module, void **user, const char *name, Dwarf_Addr base,
	const char *file, const char *link, GElf_Word crc, char **ret)
{
	(void)module, (void)user, (void)name, (void)base, (void)file, (void)link, (void)crc,
		(void)ret;
	return -1;
}

static const Dwfl_Callbacks unwind_live = {
	.find_elf = dwfl_linux_proc_find_elf,
	.find_debuginfo = unwind_no_debug,
};

static const Dwfl_Callbacks unwind_core = {
	.find_elf = dwfl_build_id_find_elf,
	.find_debuginfo = unwind_no_debug,
};

/* ------------------------------------------------------------------ what libdwfl asks for */

static pid_t unwind_next_thread(Dwfl *dwfl, void *arg, void **thread_arg)
{
	(void)dwfl, (void)arg, (void)thread_arg;
	return 0;
}

static bool unwind_get_thread(Dwfl *dwfl, pid_t tid, void *arg, void **thread_arg)
{
	struct hang_process *p = arg;

	(void)dwfl, (void)tid;
	*thread_arg = &p->threads.items[p->unwinding];
	return true;
}

static bool unwind_memory(Dwfl *dwfl, Dwarf_Addr address, Dwarf_Word *ret, void *arg)
{
	const struct hang_process *p = arg;
	const struct hang_thread *t = &p->threads.items[p->unwinding];
	uint64_t at = address - t->window_start;

	(void)dwfl;
	if (address >= t->window_start && t->window_n >= 8 && at <= t->window_n - 8) {
		memcpy(ret, t->window + at, 8);
		return true;
	}
	return hang_read_u64(p, address, ret);
}

static bool unwind_registers(Dwfl_Thread *thread, void *arg)
{
	const struct hang_thread *t = arg;
	Dwarf_Word regs[HANG_N_REGS];

	if (t->frozen) {
		for (size_t i = 0; i < HANG_N_REGS; i++)
			regs[i] = t->regs[i];
		return dwfl_thread_state_registers(thread, 0, HANG_N_REGS, regs);
	}
	if (t->resumed) { /* from the last frame on, which is not counted twice */
		const struct hang_frame *last = &t->frames[t->n_frames - 1];

		regs[0] = last->rbp;
		regs[1] = last->rsp;
		if (!dwfl_thread_state_registers(thread, HANG_RBP, 2, regs))
			return false;
		regs[0] = last->pc - 1; /* within the call */
		return dwfl_thread_state_registers(thread, HANG_RIP, 1, regs);
	}
	/* Stack pointer and place are all that /proc tells. */
	regs[0] = t->sample.sp;
	if (!dwfl_thread_state_registers(thread, HANG_RSP, 1, regs))
		return false;
	regs[0] = t->sample.pc;
	return dwfl_thread_state_registers(thread, HANG_RIP, 1, regs);
}

static const Dwfl_Thread_Callbacks unwind_callbacks = {
	.next_thread = unwind_next_thread,
	.get_thread = unwind_get_thread,
	.memory_read = unwind_memory,
	.set_initial_registers = unwind_registers,
};

static int unwind_frame(Dwfl_Frame *state, void *arg)
{
	struct hang_thread *t = arg;
	struct hang_frame *f;
	uint64_t *const to[HANG_N_REGS] = {
		[HANG_RBX] = &t->frames[t->n_frames].rbx,
		[HANG_RBP] = &t->frames[t->n_frames].rbp,
		[HANG_RSP] = &t->frames[t->n_frames].rsp,
		[12] = &t->frames[t->n_frames].r12,
		[13] = &t->frames[t->n_frames].r13,
		[14] = &t->frames[t->n_frames].r14,
		[15] = &t->frames[t->n_frames].r15,
	};
	Dwarf_Word value;

	if (t->resumed && !t->skipped) {
		t->skipped = true;
		return DWARF_CB_OK;
	}
	f = &t->frames[t->n_frames];
	*f = (struct hang_frame){0};
	if (!dwfl_frame_pc(state, &f->pc, &f->activation))
		return DWARF_CB_ABORT;
	for (unsigned i = 0; i < HANG_N_REGS; i++)
		if (to[i] && dwfl_frame_reg(state, i, &value) == 0) {
			*to[i] = value;
			f->known |= 1u << i;
		}
	return ++t->n_frames < HANG_MAX_FRAMES ? DWARF_CB_OK : DWARF_CB_ABORT;
}

/* ------------------------------------------------------------------ modules */

static bool unwind_starts(const char *name, const char *const *with)
{
	for (; *with; with++)
		if (!strncmp(name, *with, strlen(*with)))
			return true;
	return false;
}

static int unwind_module(Dwfl_Module *m, void **user, const char *name, Dwarf_Addr start, void *arg)
{
	static const char *const libc[] = {"libc.so", "libc-2", "libpthread", "ld-linux", "ld-musl",
		"libc.musl", "[vdso", "linux-vdso", "ld-2", NULL};
	static const char *const locks[] = {"libstdc++.so", "libglib-2.0", "libgcc_s",
		"liblockdag-guest", "libgomp", "libc++", "libuv.so", "libgthread", "libtsan",
		"libasan", NULL};
	struct {
		struct hang *h;
		struct hang_process *p;
	} *both = arg;
	const unsigned char *id = NULL;
	char hex[2 * 64 + 1] = "";
	const char *path = NULL, *file = NULL, *base;
	struct hang_module *row;
	Dwarf_Addr end, bias = 0;
	GElf_Addr id_address;
	int n;

	(void)user;
	if (!dwfl_module_getelf(m, &bias))
		bias = start;
	dwfl_module_info(m, NULL, NULL, &end, NULL, NULL, &file, NULL);
	path = file ? file : name;
	n = dwfl_module_build_id(m, &id, &id_address);
	for (int i = 0; i < n && i < 64; i++)
		snprintf(hex + 2 * i, 3, "%02x", id[i]);
	row = lockdag_vec_push(&both->p->modules);
	if (!row)
		return DWARF_CB_ABORT;
	base = strrchr(path, '/');
	base = base ? base + 1 : path;
	*row = (struct hang_module){.start = start, .end = end, .base = bias, .number = -1};
	row->number = path[0] == '/' ? lockdag_symbols_add_module(
					       both->h->symbols, path, *hex ? hex : NULL)
				     : -1;
	row->name = lockdag_standstill_text(both->h->s, base);
	if (!row->name)
		row->name = "";
	row->libc = unwind_starts(base, libc);
	row->library = row->libc || unwind_starts(base, locks);
	return DWARF_CB_OK;
}

static int unwind_report(struct hang *h, struct hang_process *p)
{
	int r;

	p->dwfl = dwfl_begin(p->core ? &unwind_core : &unwind_live);
	if (!p->dwfl)
		return -ENOMEM;
	if (p->core)
		r = dwfl_core_file_report(p->dwfl, hang_core_elf(p->core), h->options->exe) < 0;
	else
		r = dwfl_linux_proc_report(p->dwfl, p->reader);
	dwfl_report_end(p->dwfl, NULL, NULL);
	return r ? -EIO : 0;
}

int hang_unwind_open(struct hang *h, struct hang_process *p)
{
	struct {
		struct hang *h;
		struct hang_process *p;
	} both = {h, p};

	if (p->dwfl || !p->permitted)
		return 0;
	if (unwind_report(h, p) < 0)
		return 0; /* no stacks: said by their absence */
	dwfl_getmodules(p->dwfl, unwind_module, &both, 0);
	return 0;
}

/* ------------------------------------------------------------------ without unwind tables */

/* Does a call end before pc? */
static bool unwind_is_return(const struct hang_process *p, uint64_t pc)
{
	unsigned char code[7];

	if (pc < 4096 || !hang_read(p, pc - 7, code, sizeof(code)))
		return false;
	return code[2] == 0xe8 || (code[5] == 0xff && (code[6] & 0xf8) == 0xd0) ||
	       (code[4] == 0xff && (code[5] & 0xf8) == 0x50) ||
	       (code[1] == 0xff && (code[2] == 0x15 || (code[2] & 0xf8) == 0x90));
}

/* The stack of a program without tables (musl has none) is read for what may be return addresses,
 * as the kernel does: better than nothing, and said in a note. */
static void unwind_guess(struct hang_process *p, struct hang_thread *t)
{
	size_t n_words = t->window_n / 8;

	for (size_t i = 0; i < n_words && t->n_frames < UNWIND_MAX_GUESSED; i++) {
		const struct hang_region *r;
		uint64_t word;

		memcpy(&word, t->window + 8 * i, 8);
		r = hang_region(p, word);
		if (!hang_module(p, word) || (r && !p->core && !r->exec) ||
			!unwind_is_return(p, word))
			continue;
		t->frames[t->n_frames++] = (struct hang_frame){
			.pc = word, .known = 1u << HANG_RSP, .rsp = t->window_start + 8 * (i + 1)};
		p->guessed = true;
	}
}

/* ------------------------------------------------------------------ all threads */

static void unwind_window(const struct hang_process *p, struct hang_thread *t)
{
	free(t->window);
	t->window = malloc(HANG_WINDOW);
	t->window_start = t->sample.sp;
	t->window_n = t->window ? hang_read_some(p, t->sample.sp, t->window, HANG_WINDOW) : 0;
}

int hang_unwind(struct hang *h, struct hang_process *p)
{
	struct hang_frame frames[HANG_MAX_FRAMES + 1];

	hang_unwind_open(h, p);
	if (!p->dwfl || (!p->attached && !dwfl_attach_state(p->dwfl, NULL, p->pid > 0 ? p->pid : 1,
						 &unwind_callbacks, p)))
		return 0;
	p->attached = true;
	for (size_t i = 0; i < p->threads.n; i++) {
		struct hang_thread *t = &p->threads.items[i];

		free(t->frames);
		t->frames = NULL;
		t->n_frames = 0;
		if (!t->sample.sp)
			continue;
		p->unwinding = i;
		unwind_window(p, t);
		t->frames = frames;
		t->resumed = 0;
		do {
			t->skipped = false;
			dwfl_getthread_frames(p->dwfl, t->tid, unwind_frame, t);
		} while (hang_resume(p, t));
		if (t->n_frames == 1)
			unwind_guess(p, t);
		t->frames = malloc((t->n_frames + 1) * sizeof(*frames));
		if (!t->frames) {
			t->n_frames = 0;
			return -ENOMEM;
		}
		memcpy(t->frames, frames, t->n_frames * sizeof(*frames));
	}
	return 0;
}
