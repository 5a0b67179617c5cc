/* SPDX-License-Identifier: MIT
 *
 * What a descriptor is of which only a core file is left. pipe(2) and socketpair(2) leave their two
 * numbers side by side in the program's memory, eventfd(2) returns its own. A descriptor is said to
 * be the program's own pipe only where all of this holds:
 *
 * 1. No other process can have it: nothing of the program is bound to a function that forks, spawns
 *    or sends descriptors (imports.def).
 * 2. Its number stands in memory that can be written, side by side with another one (the first
 *    below the second, as the kernel gives them for pipes; none below 3).
 * 3. It came from there: either the program's code passes that very address to pipe() or
 *    socketpair() (a lea or a constant right before the call), and the number cannot have been used
 * again for something else (nothing closes, or nothing opens); or the program is bound to no
 * function at all that makes descriptors of other kinds.
 *
 * The same for eventfd, whose result the code stores where the number stands (or 8 bytes are read, in a
 * program that makes nothing but eventfds). Who writes to it is
 * then one of the process's own threads. Where 1 or 3 fail, the pair is only said to be likely.
 */
#include "internal.h"

#include <gelf.h>
#include <string.h>

#define ORIGIN_MAX_SLOTS 16
#define ORIGIN_MAX_STUBS 32
#define ORIGIN_MAX_PLACES 512
#define ORIGIN_BEFORE 48 /* bytes of code in which arguments are put into registers */
#define ORIGIN_AFTER 32
#define ORIGIN_MAX_GAP 64 /* between the numbers of one pair */

/* An address, and of which functions (HANG_MAY_PIPE ...). */
struct origin_entry {
	uint64_t address;
	unsigned may;
};

struct origin_code {
	Elf *elf;
	uint64_t bias;
	size_t n_slots, n_stubs;
	struct origin_entry slots[ORIGIN_MAX_SLOTS], stubs[ORIGIN_MAX_STUBS]; /* as in the file */
	struct hang_process *p;                                               /* its places grow */
};

static uint64_t origin_relative(const unsigned char *code, uint64_t end)
{
	int32_t offset;

	memcpy(&offset, code, sizeof(offset));
	return end + (uint64_t)(int64_t)offset;
}

static unsigned origin_slot(const struct origin_code *c, uint64_t address)
{
	for (size_t i = 0; i < c->n_slots; i++)
		if (c->slots[i].address == address)
			return c->slots[i].may;
	return 0;
}

/* A stub may begin with endbr64 and have a bnd before its jump. */
static unsigned origin_stub(const struct origin_code *c, uint64_t address)
{
	for (size_t i = 0; i < c->n_stubs; i++)
		if (address <= c->stubs[i].address && address + 5 >= c->stubs[i].address)
			return c->stubs[i].may;
	return 0;
}

/* ------------------------------------------------------------------ the file's tables */

static void origin_slots(struct origin_code *c, Elf_Scn *section, const GElf_Shdr *header)
{
	const unsigned wanted = HANG_MAY_PIPE | HANG_MAY_PAIR | HANG_MAY_EVENTFD;
	Elf_Scn *symbols = elf_getscn(c->elf, header->sh_link);
	Elf_Data *data = elf_getdata(section, NULL),
		 *table = symbols ? elf_getdata(symbols, NULL) : NULL;
	GElf_Shdr names;

	if (!data || !table || !gelf_getshdr(symbols, &names))
		return;
	for (int i = 0; c->n_slots < ORIGIN_MAX_SLOTS; i++) {
		GElf_Rela rela;
		GElf_Sym symbol;
		const char *name;
		unsigned may;

		if (!gelf_getrela(data, i, &rela))
			break;
		if ((GELF_R_TYPE(rela.r_info) != R_X86_64_JUMP_SLOT &&
			    GELF_R_TYPE(rela.r_info) != R_X86_64_GLOB_DAT) ||
			!gelf_getsym(table, (int)GELF_R_SYM(rela.r_info), &symbol))
			continue;
		name = elf_strptr(c->elf, names.sh_link, symbol.st_name);
		may = name ? hang_imports_name(name) & wanted : 0;
		if (may)
			c->slots[c->n_slots++] = (struct origin_entry){rela.r_offset, may};
	}
}

typedef void origin_scan(
	struct origin_code *c, const unsigned char *code, size_t n, uint64_t address);

static void origin_scan_stubs(
	struct origin_code *c, const unsigned char *code, size_t n, uint64_t address)
{
	for (size_t i = 0; i + 6 <= n && c->n_stubs < ORIGIN_MAX_STUBS; i++) {
		unsigned may =
			code[i] == 0xff && code[i + 1] == 0x25
				? origin_slot(c, origin_relative(code + i + 2, address + i + 6))
				: 0;

		if (may)
			c->stubs[c->n_stubs++] = (struct origin_entry){address + i, may};
	}
}

/* ------------------------------------------------------------------ calls */

static void origin_place(struct origin_code *c, uint64_t address, unsigned may)
{
	struct hang_origin_place *row;

	if (c->p->places.n == ORIGIN_MAX_PLACES)
		return;
	row = lockdag_vec_push(&c->p->places);
	if (row)
		*row = (struct hang_origin_place){address + c->bias, may};
}

/* What is loaded into a register before the call: the address of a variable. */
static void origin_passed(struct origin_code *c, const unsigned char *code, size_t from, size_t to,
	uint64_t address, unsigned may)
{
	for (size_t i = from; i + 5 <= to; i++) {
		uint32_t constant;

		if (i + 7 <= to && (code[i] & 0xfb) == 0x48 && code[i + 1] == 0x8d &&
			(code[i + 2] & 0xc7) == 5)
			origin_place(c, origin_relative(code + i + 3, address + i + 7), may);
		memcpy(&constant, code + i + 1, sizeof(constant));
		if ((code[i] & 0xf8) == 0xb8 && constant >= 0x10000 && !c->bias)
			origin_place(c, constant, may);
	}
}

/* Where eax is stored after the call. */
static void origin_stored(struct origin_code *c, const unsigned char *code, size_t from, size_t to,
	uint64_t address, unsigned may)
{
	for (size_t i = from; i + 6 <= to; i++)
		if (code[i] == 0x89 && code[i + 1] == 5)
			origin_place(c, origin_relative(code + i + 2, address + i + 6), may);
}

static void origin_scan_calls(
	struct origin_code *c, const unsigned char *code, size_t n, uint64_t address)
{
	for (size_t i = 0; i + 6 <= n; i++) {
		size_t end = i + 5;
		unsigned may = 0;

		if (code[i] == 0xe8 || code[i] == 0xe9) {
			may = origin_stub(c, origin_relative(code + i + 1, address + end));
		} else if (code[i] == 0xff && (code[i + 1] == 0x15 || code[i + 1] == 0x25)) {
			end = i + 6;
			may = origin_slot(c, origin_relative(code + i + 2, address + end));
		}
		if (may & HANG_MAY_EVENTFD)
			origin_stored(c, code, end, n - end < ORIGIN_AFTER ? n : end + ORIGIN_AFTER,
				address, may);
		else if (may)
			origin_passed(c, code, i < ORIGIN_BEFORE ? 0 : i - ORIGIN_BEFORE, i,
				address, may);
	}
}

static void origin_each_code(struct origin_code *c, origin_scan *scan)
{
	Elf_Scn *section = NULL;
	GElf_Shdr header;

	while ((section = elf_nextscn(c->elf, section))) {
		Elf_Data *data;

		if (!gelf_getshdr(section, &header) || header.sh_type != SHT_PROGBITS ||
			!(header.sh_flags & SHF_EXECINSTR))
			continue;
		data = elf_getdata(section, NULL);
		if (data && data->d_buf)
			scan(c, data->d_buf, data->d_size, header.sh_addr);
	}
}

/* The variables of a module whose addresses its code passes to the functions, or that it stores
 * their results in. */
static void origin_module(struct hang_process *p, Dwfl_Module *module)
{
	struct origin_code c = {.p = p};
	Elf_Scn *section = NULL;
	GElf_Shdr header;

	c.elf = module ? dwfl_module_getelf(module, &c.bias) : NULL;
	if (!c.elf)
		return;
	while ((section = elf_nextscn(c.elf, section)))
		if (gelf_getshdr(section, &header) && header.sh_type == SHT_RELA)
			origin_slots(&c, section, &header);
	if (!c.n_slots)
		return;
	origin_each_code(&c, origin_scan_stubs);
	origin_each_code(&c, origin_scan_calls);
}

static void origin_places(struct hang_process *p)
{
	if (p->places_known)
		return;
	p->places_known = true;
	for (size_t i = 0; i < p->modules.n && p->dwfl; i++)
		if (!p->modules.items[i].libc)
			origin_module(p, dwfl_addrmodule(p->dwfl, p->modules.items[i].start));
}

/* ------------------------------------------------------------------ memory */

static bool origin_is_pair(const int *pair, int fd)
{
	return (pair[0] == fd || pair[1] == fd) && pair[0] >= 3 && pair[1] > pair[0] &&
	       pair[1] - pair[0] <= ORIGIN_MAX_GAP;
}

static void origin_set(struct hang_origin *o, uint64_t address, const int *pair, int fd)
{
	o->address = address;
	o->other = pair[0] == fd ? pair[1] : pair[0];
}

static bool origin_by_code(struct hang_process *p, int fd, struct hang_origin *ret)
{
	origin_places(p);
	for (size_t i = 0; i < p->places.n; i++) {
		const struct hang_origin_place *place = &p->places.items[i];
		int pair[2] = {0};

		ret->may = place->may;
		if (place->may & HANG_MAY_EVENTFD) {
			if (!hang_read(p, place->address, pair, sizeof(*pair)) || *pair != fd)
				continue;
			ret->address = place->address;
			ret->other = fd;
			return true;
		}
		if (hang_read(p, place->address, pair, sizeof(pair)) && origin_is_pair(pair, fd)) {
			origin_set(ret, place->address, pair, fd);
			return true;
		}
	}
	return false;
}

struct origin_search {
	int fd;
	struct hang_origin *ret;
};

/* Words of memory that can be written. True: found. */
static bool origin_in_words(void *arg, uint64_t address, const int *words, size_t n)
{
	struct origin_search *s = arg;

	for (size_t i = 0; i + 1 < n; i++)
		if (origin_is_pair(words + i, s->fd)) {
			origin_set(s->ret, address + i * sizeof(*words), words + i, s->fd);
			return true;
		}
	return false;
}

bool hang_origin(struct hang_process *p, int fd, bool reads_8, struct hang_origin *ret)
{
	const unsigned pairs = HANG_MAY_PIPE | HANG_MAY_PAIR;
	unsigned may = hang_imports(p), others = HANG_MAY_OPEN;
	struct origin_search s = {fd, ret};

	*ret = (struct hang_origin){0};
	if (fd < 3 || !p->core)
		return false;
	ret->in_code = origin_by_code(p, fd, ret);
	if (!ret->in_code && reads_8 && (may & ~(unsigned)(HANG_MAY_HANDLE | HANG_MAY_CLOSE)) == HANG_MAY_EVENTFD) {
		*ret = (struct hang_origin){.may = HANG_MAY_EVENTFD, .other = fd, .sure = true};
		return true;
	}
	if (!ret->in_code) {
		ret->may = may & pairs;
		/* Searched for in all of memory only where it proves something. */
		if (!ret->may || may & (HANG_MAY_SHARE | HANG_MAY_OPEN | HANG_MAY_EVENTFD) ||
			!hang_core_words(p->core, origin_in_words, &s))
			return false;
	}
	others |= ret->may & HANG_MAY_EVENTFD ? pairs : HANG_MAY_EVENTFD;
	ret->sure = !(may & HANG_MAY_SHARE) &&
		    ((ret->in_code && !(may & HANG_MAY_CLOSE)) || !(may & others));
	return true;
}
