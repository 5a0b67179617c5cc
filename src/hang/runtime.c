/* SPDX-License-Identifier: MIT
 *
 * Processes whose threads are not only pthreads: CPython (one lock for all), Java, Go and others (their
 * own schedulers and locks, which memory does not tell from outside).
 */
#include "internal.h"

#include <fcntl.h>
#include <gelf.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define RUNTIME_PTHREAD_SELF 0x10
#define RUNTIME_PTHREAD_TID 0x2d0
#define RUNTIME_STATE_WORDS 64 /* of a PyThreadState: its thread's pthread_t is among them */

/* CPython's lock (3.7 and later): interval, last holder, locked, switch number, then the condition
 * that is waited for. */
enum { GIL_HOLDER = -24, GIL_LOCKED = -16 };

enum runtime_where { PROGRAM, LIBRARY };

static const struct runtime {
	const char *word, *base;
	enum runtime_where where;
	const char *note;
} runtimes[] = {
#define RUNTIME(word, base, where, note) {word, base, where, note},
#include "hang/runtimes.def"
#undef RUNTIME
};

static const struct runtime runtime_go = {"Go", NULL, PROGRAM,
	"Go's goroutines and mutexes are not seen from outside: kill -QUIT %d has it print all and end"};

static bool runtime_is_named(const char *path, const char *base)
{
	const char *slash = path ? strrchr(path, '/') : NULL;

	return slash && !strncmp(slash + 1, base, strlen(base));
}

static bool runtime_has_module(const struct hang_process *p, const char *base)
{
	for (size_t i = 0; i < p->regions.n; i++)
		if (runtime_is_named(p->regions.items[i].path, base))
			return true;
	return false;
}

/* Of a core file: what is mapped first. */
static const char *runtime_program(const struct hang_process *p)
{
	return p->core ? (p->regions.n ? p->regions.items[0].path : NULL) : p->exe;
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

	snprintf(path, sizeof(path), "/proc/%d/exe", p->reader);
	if (p->core && !runtime_program(p))
		return false;
	fd = open(p->core ? runtime_program(p) : path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return false;
	elf_version(EV_CURRENT);
	elf = elf_begin(fd, ELF_C_READ, NULL);
	found = runtime_section(elf, ".go.buildinfo") || runtime_section(elf, ".note.go.buildid");
	elf_end(elf);
	close(fd);
	return found;
}

static const struct runtime *runtime_of(const struct hang_process *p)
{
	for (size_t i = 0; i < LOCKDAG_ARRAY_SIZE(runtimes); i++)
		if (runtimes[i].where == PROGRAM
				? runtime_is_named(runtime_program(p), runtimes[i].base)
				: runtime_has_module(p, runtimes[i].base))
			return &runtimes[i];
	return runtime_is_go(p) ? &runtime_go : NULL;
}

/* ------------------------------------------------------------------ CPython's handlers */

/* CPython has a handler for SIGINT from the start; what it calls stands in a static array, an entry of 16
 * bytes (a flag, the object) for each signal. */
#define RUNTIME_ENTRY_WORDS 2
#define RUNTIME_PIECE 8192 /* words read at once */
enum { RUNTIME_METHOD = 16 }; /* of a built-in function: its PyMethodDef, which begins with its name */

static bool runtime_is_default(const struct hang_process *p, uint64_t object)
{
	static const char wanted[] = "default_int_handler";
	char name[sizeof(wanted)];
	uint64_t at;

	return object > 4096 && hang_read_u64(p, object + RUNTIME_METHOD, &at) &&
	       hang_read_u64(p, at, &at) && hang_read(p, at, name, sizeof(name)) &&
	       !memcmp(name, wanted, sizeof(wanted));
}

/* The object of SIGINT, if word is where it stands: those of SIGHUP, SIGQUIT and SIGTERM are one, which
 * stands for "as the system has it". */
static bool runtime_is_entry(const struct hang_process *p, const uint64_t *word)
{
	uint64_t none = word[(SIGHUP - SIGINT) * RUNTIME_ENTRY_WORDS];

	return none && none == word[(SIGQUIT - SIGINT) * RUNTIME_ENTRY_WORDS] &&
	       none == word[(SIGTERM - SIGINT) * RUNTIME_ENTRY_WORDS] && *word && *word != none &&
	       runtime_is_default(p, *word);
}

static bool runtime_region_has_entry(const struct hang_process *p, uint64_t at, uint64_t end)
{
	const size_t before = RUNTIME_ENTRY_WORDS, after = (SIGTERM - SIGINT) * RUNTIME_ENTRY_WORDS;
	uint64_t words[RUNTIME_PIECE];

	while (at < end) {
		size_t wanted = end - at < sizeof(words) ? end - at : sizeof(words);
		size_t n = hang_read_some(p, at, words, wanted) / 8;

		for (size_t i = before; i + after < n; i++)
			if (runtime_is_entry(p, words + i))
				return true;
		if (n <= before + after)
			return false;
		at += (n - before - after) * 8;
	}
	return false;
}

/* Is ^C, as the interpreter has it by itself, all that a signal could do? Then no handler wakes anybody
 * but to end the program. */
static bool runtime_only_interrupt(const struct hang_process *p)
{
	uint64_t own = UINT64_C(3) << 31, end = 0; /* own: the C library's */
	bool of_python = false;

	if (p->core || (p->caught & ~own) != UINT64_C(1) << (SIGINT - 1))
		return false;
	for (size_t i = 0; i < p->regions.n; i++) {
		const struct hang_region *r = &p->regions.items[i];
		const char *base = r->path ? strrchr(r->path, '/') : NULL;

		/* What is zero at first follows its module without a name. */
		if (r->path || r->start != end)
			of_python = base && (!strncmp(base, "/python", 7) ||
						    !strncmp(base, "/libpython", 10));
		end = r->end;
		if (of_python && r->write && runtime_region_has_entry(p, r->start, r->end))
			return true;
	}
	return false;
}

void hang_runtime(struct hang *h, uint32_t process)
{
	struct hang_process *p = &h->processes.items[process];

	if (!p->runtime_tried) {
		const struct runtime *found = runtime_of(p);

		p->runtime = found ? found->word : NULL;
		p->runtime_note = found ? found->note : NULL;
	}
	p->runtime_tried = true;
	p->only_interrupt = p->runtime && !strcmp(p->runtime, "CPython") && runtime_only_interrupt(p);
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
