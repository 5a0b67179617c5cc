/* SPDX-License-Identifier: MIT
 *
 * A core file: its threads, its memory.
 */
#include "internal.h"

#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

struct core_segment {
	uint64_t start, end, offset;
	bool write;
};

struct hang_core {
	char *path;
	int fd;
	Elf *elf;
	const unsigned char *bytes;
	size_t size;
	LOCKDAG_VEC(struct core_segment) segments; /* sorted */
};

void hang_core_close(struct hang_core *core)
{
	if (!core)
		return;
	lockdag_vec_clear(&core->segments);
	if (core->elf)
		elf_end(core->elf);
	if (core->bytes)
		munmap((void *)(uintptr_t)core->bytes, core->size);
	if (core->fd >= 0)
		close(core->fd);
	free(core->path);
	free(core);
}

Elf *hang_core_elf(struct hang_core *core)
{
	return core->elf;
}

const char *hang_core_path(const struct hang_core *core)
{
	return core->path;
}

size_t hang_core_read(const struct hang_core *core, uint64_t address, void *buffer, size_t n)
{
	size_t low = 0, high = core->segments.n;
	const struct core_segment *s;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (core->segments.items[middle].end <= address)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == core->segments.n || core->segments.items[low].start > address)
		return 0;
	s = &core->segments.items[low];
	if (n > s->end - address)
		n = s->end - address;
	memcpy(buffer, core->bytes + s->offset + (address - s->start), n);
	return n;
}

bool hang_core_words(const struct hang_core *core, hang_core_found *found, void *arg)
{
	for (size_t i = 0; i < core->segments.n; i++) {
		const struct core_segment *s = &core->segments.items[i];

		if (s->write && s->offset % sizeof(int) == 0 && s->start % sizeof(int) == 0 &&
			found(arg, s->start, (const int *)(const void *)(core->bytes + s->offset),
				(s->end - s->start) / sizeof(int)))
			return true;
	}
	return false;
}

/* ------------------------------------------------------------------ reading it */

static int core_by_start(const void *a, const void *b)
{
	const struct core_segment *x = a, *y = b;

	return x->start < y->start ? -1 : x->start > y->start;
}

static int core_region_by_start(const void *a, const void *b)
{
	const struct hang_region *x = a, *y = b;

	return x->start < y->start ? -1 : x->start > y->start;
}

static int core_notes(struct hang *h, struct hang_process *p, const GElf_Phdr *ph)
{
	Elf_Data *data =
		elf_getdata_rawchunk(p->core->elf, (int64_t)ph->p_offset, ph->p_filesz, ELF_T_NHDR);
	size_t at = 0, name, desc;
	GElf_Nhdr note;

	while (data && (at = gelf_getnote(data, at, &note, &name, &desc)) > 0) {
		const char *bytes = (const char *)data->d_buf + desc;
		struct hang_thread *t;

		if (note.n_type == NT_PRSTATUS) {
			t = lockdag_vec_push(&p->threads);
			if (!t)
				return -ENOMEM;
			if (!hang_note_prstatus(bytes, note.n_descsz, t))
				p->threads.n--;
		} else if (note.n_type == NT_PRPSINFO) {
			hang_note_prpsinfo(bytes, note.n_descsz, p);
		} else if (note.n_type == NT_FILE) {
			hang_note_files(bytes, note.n_descsz, p);
		}
	}
	(void)h;
	return 0;
}

static int core_truncated(struct hang *h, const struct hang_core *core, uint64_t wanted)
{
	return hang_fail(h, -ENODATA,
		"%s: truncated: it should have %llu bytes and has %zu (ulimit -c, a full disk)",
		core->path, (unsigned long long)wanted, core->size);
}

static int core_headers(struct hang *h, struct hang_process *p)
{
	struct hang_core *core = p->core;
	GElf_Ehdr eh;
	size_t n;

	if (gelf_getehdr(core->elf, &eh) && eh.e_phnum != PN_XNUM &&
		(eh.e_phoff > core->size ||
			(uint64_t)eh.e_phnum * sizeof(Elf64_Phdr) > core->size - eh.e_phoff))
		return core_truncated(h, core, eh.e_phoff + eh.e_phnum * sizeof(Elf64_Phdr));
	if (elf_getphdrnum(core->elf, &n) < 0)
		return hang_fail(h, -EINVAL, "%s: its program headers cannot be read", core->path);
	for (size_t i = 0; i < n; i++) {
		struct core_segment *s;
		GElf_Phdr ph;
		int r;

		if (!gelf_getphdr(core->elf, (int)i, &ph))
			return hang_fail(
				h, -EINVAL, "%s: program header %zu cannot be read", core->path, i);
		if (ph.p_offset > core->size || ph.p_filesz > core->size - ph.p_offset)
			return core_truncated(h, core, ph.p_offset + ph.p_filesz);
		if (ph.p_type == PT_NOTE) {
			r = core_notes(h, p, &ph);
			if (r < 0)
				return r;
		}
		if (ph.p_type != PT_LOAD || !ph.p_filesz || ph.p_vaddr + ph.p_filesz < ph.p_vaddr)
			continue;
		s = lockdag_vec_push(&core->segments);
		if (!s)
			return -ENOMEM;
		*s = (struct core_segment){
			ph.p_vaddr, ph.p_vaddr + ph.p_filesz, ph.p_offset, ph.p_flags & PF_W};
	}
	if (core->segments.n)
		qsort(core->segments.items, core->segments.n, sizeof(*core->segments.items),
			core_by_start);
	if (p->regions.n)
		qsort(p->regions.items, p->regions.n, sizeof(*p->regions.items),
			core_region_by_start);
	return p->threads.n ? 0 : hang_fail(h, -EINVAL, "%s: has no threads", core->path);
}

static int core_map(struct hang *h, struct hang_core *core)
{
	struct stat st;

	core->fd = open(core->path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (core->fd < 0)
		return hang_fail(h, -errno, "%s: %s", core->path, strerror(errno));
	if (fstat(core->fd, &st) < 0 || !S_ISREG(st.st_mode))
		return hang_fail(
			h, -EINVAL, "%s: neither a process id nor a core file", core->path);
	core->size = (size_t)st.st_size;
	if (core->size < 64)
		return hang_fail(h, -ENOEXEC, "%s: not an ELF file: no core", core->path);
	core->bytes = mmap(NULL, core->size, PROT_READ, MAP_PRIVATE, core->fd, 0);
	if (core->bytes == MAP_FAILED) {
		core->bytes = NULL;
		return hang_fail(h, -errno, "%s: %s", core->path, strerror(errno));
	}
	return 0;
}

static int core_check(struct hang *h, struct hang_core *core)
{
	GElf_Ehdr eh;

	if (memcmp(core->bytes, ELFMAG, SELFMAG))
		return hang_fail(h, -ENOEXEC, "%s: not an ELF file: no core", core->path);
	if (core->bytes[EI_CLASS] != ELFCLASS64)
		return hang_fail(h, -ENOEXEC,
			"%s: of a foreign architecture: lockdag reads x86-64 only", core->path);
	elf_version(EV_CURRENT);
	core->elf = elf_begin(core->fd, ELF_C_READ_MMAP, NULL);
	if (!core->elf || !gelf_getehdr(core->elf, &eh))
		return hang_fail(h, -ENOEXEC, "%s: its ELF header cannot be read", core->path);
	if (eh.e_machine != EM_X86_64)
		return hang_fail(h, -ENOEXEC,
			"%s: of a foreign architecture: lockdag reads x86-64 only", core->path);
	if (eh.e_type != ET_CORE)
		return hang_fail(h, -ENOEXEC,
			"%s: a program or library, no core file (of a process, give its id)",
			core->path);
	return 0;
}

int hang_core_open(struct hang *h, const char *path)
{
	struct hang_process *p = lockdag_vec_push(&h->processes);
	int r;

	if (!p)
		return -ENOMEM;
	p->core = calloc(1, sizeof(*p->core));
	if (!p->core)
		return -ENOMEM;
	p->core->fd = -1;
	p->core->path = strdup(path);
	if (!p->core->path)
		return -ENOMEM;
	p->whole = p->permitted = p->frozen = true;
	r = core_map(h, p->core);
	if (r == 0)
		r = core_check(h, p->core);
	if (r == 0)
		r = core_headers(h, p);
	for (size_t i = 0; r == 0 && i < p->threads.n; i++) {
		memcpy(p->threads.items[i].name, p->name, sizeof(p->name));
		hang_call_restarted(p, &p->threads.items[i].sample);
	}
	return r;
}
