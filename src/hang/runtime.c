/* SPDX-License-Identifier: MIT
 *
 * Processes whose threads are not only pthreads: CPython (one lock for all), Java and Go (their own
 * schedulers and locks, which memory does not tell from outside).
 */
#include "internal.h"

#include <fcntl.h>
#include <gelf.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define RUNTIME_PTHREAD_SELF 0x10
#define RUNTIME_PTHREAD_TID 0x2d0
#define RUNTIME_STATE_WORDS 64 /* of a PyThreadState: its thread's pthread_t is among them */

/* CPython's lock (3.7 and later): interval, last holder, locked, switch number, then the condition
 * that is waited for. */
enum { GIL_HOLDER = -24, GIL_LOCKED = -16 };

static bool runtime_has_module(const struct hang_process *p, const char *part)
{
	for (size_t i = 0; i < p->regions.n; i++)
		if (p->regions.items[i].path && strstr(p->regions.items[i].path, part))
			return true;
	return false;
}

static bool runtime_section(Elf *elf, const char *wanted)
{
	Elf_Scn *section = NULL;
	size_t names;
	GElf_Shdr header;

	if (!elf || elf_getshdrstrndx(elf, &names) < 0)
		return false;
	while ((section = elf_nextscn(elf, section))) {
		const char *name = gelf_getshdr(section, &header)
					   ? elf_strptr(elf, names, header.sh_name)
					   : NULL;

		if (name && !strcmp(name, wanted))
			return true;
	}
	return false;
}

/* A program that Go's linker made says so. */
static bool runtime_is_go(const struct hang_process *p)
{
	char path[64];
	bool found;
	Elf *elf;
	int fd;

	if (p->core)
		return false;
	snprintf(path, sizeof(path), "/proc/%d/exe", p->reader);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	elf_version(EV_CURRENT);
	elf = elf_begin(fd, ELF_C_READ, NULL);
	found = runtime_section(elf, ".go.buildinfo") || runtime_section(elf, ".note.go.buildid");
	elf_end(elf);
	close(fd);
	return found;
}

static const char *runtime_of(const struct hang_process *p)
{
	const char *exe = p->exe ? strrchr(p->exe, '/') : NULL;

	if (runtime_has_module(p, "/libpython") || runtime_has_module(p, "/python3") ||
		(exe && !strncmp(exe, "/python", 7)))
		return "CPython";
	if (runtime_has_module(p, "/libjvm.so"))
		return "Java";
	return runtime_is_go(p) ? "Go" : NULL;
}

void hang_runtime(struct hang *h, uint32_t process)
{
	struct hang_process *p = &h->processes.items[process];

	if (!p->runtime_tried)
		p->runtime = runtime_of(p);
	p->runtime_tried = true;
	h->s->processes.items[process].runtime = p->runtime;
}

/* The thread whose pthread_t is in the state: a struct pthread points to itself and has its tid. */
static uint32_t gil_thread(const struct hang *h, uint32_t process, uint64_t state)
{
	const struct hang_process *p = &h->processes.items[process];
	uint64_t words[RUNTIME_STATE_WORDS], self;
	uint32_t tid;
	size_t n = hang_read_some(p, state, words, sizeof(words)) / 8;

	for (size_t i = 0; i < n; i++)
		if (words[i] > 4096 && hang_read_u64(p, words[i] + RUNTIME_PTHREAD_SELF, &self) &&
			self == words[i] &&
			hang_read_u32(p, words[i] + RUNTIME_PTHREAD_TID, &tid) &&
			hang_find_thread(h, process, (int)tid, true) != LOCKDAG_NONE)
			return tid;
	return 0;
}

void hang_gil(struct hang *h, uint32_t process, struct hang_wait *w)
{
	const struct hang_process *p = &h->processes.items[process];
	struct lockdag_symbols_name name = {0};
	uint64_t holder = 0;
	uint32_t locked = 0;

	if (!p->runtime || strcmp(p->runtime, "CPython") || w->kind != LOCKDAG_STILL_CONDITION ||
		!hang_name_static(h, process, w->address, &name) ||
		strncmp(name.name, "_PyRuntime", 10) ||
		!hang_read_u32(p, w->address + (uint64_t)GIL_LOCKED, &locked) || locked > 1)
		return;
	w->kind = LOCKDAG_STILL_GIL;
	w->type = "GIL";
	w->what = "the GIL of CPython";
	w->timed = false; /* it asks again and again */
	if (locked && hang_read_u64(p, w->address + (uint64_t)GIL_HOLDER, &holder) && holder)
		w->owner_tid = gil_thread(h, process, holder);
	w->owned = w->owner_tid != 0;
}
