/* SPDX-License-Identifier: MIT
 *
 * Notes of a core file (core(5), elf(5)): x86-64.
 */
#include "internal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/procfs.h>
#include <sys/user.h>

bool hang_note_prstatus(const void *desc, size_t n, struct hang_thread *ret)
{
	struct elf_prstatus status;
	struct user_regs_struct r;

	*ret = (struct hang_thread){.since_ms = -1};
	if (n < sizeof(status))
		return false;
	memcpy(&status, desc, sizeof(status));
	memcpy(&r, &status.pr_reg, sizeof(r));
	const uint64_t regs[HANG_N_REGS] = {r.rax, r.rdx, r.rcx, r.rbx, r.rsi, r.rdi, r.rbp, r.rsp,
		r.r8, r.r9, r.r10, r.r11, r.r12, r.r13, r.r14, r.r15, r.rip};
	const uint64_t args[6] = {r.rdi, r.rsi, r.rdx, r.r10, r.r8, r.r9};

	ret->tid = ret->ns_tid = status.pr_pid;
	ret->frozen = ret->sure = true;
	memcpy(ret->regs, regs, sizeof(regs));
	ret->sample.nr = (long)r.orig_rax;
	ret->sample.sp = r.rsp;
	ret->sample.pc = r.rip;
	memcpy(ret->sample.args, args, sizeof(args));
	if (hang_call_is_over(&ret->sample, r.rax))
		ret->sample.nr = -1;
	ret->sample.state = ret->sample.nr >= 0 ? 'S' : 'R';
	return status.pr_pid > 0;
}

bool hang_note_prpsinfo(const void *desc, size_t n, struct hang_process *ret)
{
	struct elf_prpsinfo info;

	if (n < sizeof(info))
		return false;
	memcpy(&info, desc, sizeof(info));
	ret->pid = info.pr_pid;
	ret->ppid = info.pr_ppid;
	memcpy(ret->name, info.pr_fname, sizeof(info.pr_fname));
	ret->name[sizeof(info.pr_fname)] = 0;
	return true;
}

/* Count and page size, then start, end and offset in pages of each file, then their names. */
bool hang_note_files(const void *desc, size_t n, struct hang_process *ret)
{
	const char *bytes = desc, *name, *end = bytes + n;
	uint64_t head[2], range[3];

	if (n < sizeof(head))
		return false;
	memcpy(head, bytes, sizeof(head));
	if (head[0] > (n - sizeof(head)) / sizeof(range) || head[1] > UINT32_MAX)
		return false;
	name = bytes + sizeof(head) + head[0] * sizeof(range);
	for (uint64_t i = 0; i < head[0]; i++) {
		size_t length = strnlen(name, (size_t)(end - name));
		struct hang_region *row;

		if (name + length >= end)
			return false;
		memcpy(range, bytes + sizeof(head) + i * sizeof(range), sizeof(range));
		if (range[1] > range[0]) {
			row = lockdag_vec_push(&ret->regions);
			if (!row)
				return false;
			row->start = range[0];
			row->end = range[1];
			row->offset = range[2] * head[1];
			row->path = strdup(name);
		}
		name += length + 1;
	}
	return true;
}
