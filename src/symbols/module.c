/* SPDX-License-Identifier: MIT
 *
 * Module files and where their debug information is: in the file, under a .build-id directory, or
 * behind a .gnu_debuglink; then servers are asked, if there are any. libdwfl would do all this, and
 * would load libdebuginfod (37 shared objects; with DEBUGINFOD_URLS set it asks a server and waits up
 * to 90 s) for everybody; so it is done here. dwz's alternate file is found by libdw itself
 * (dwarf_getalt), which asks nobody, where it is on this machine.
 */
#include "internal.h"

#include <elfutils/libdwelf.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#define MODULE_DEBUG_ROOT "/usr/lib/debug"

static Elf *module_open_elf(const char *path, int *ret_fd)
{
	struct stat st;
	Elf *elf;
	int fd;

	/* O_NONBLOCK: a fifo of that name must not hold us. */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return NULL;
	if (fstat(fd, &st) || !S_ISREG(st.st_mode))
		goto fail;
	elf = elf_begin(fd, ELF_C_READ_MMAP, NULL);
	if (!elf)
		goto fail;
	if (elf_kind(elf) != ELF_K_ELF) {
		elf_end(elf);
		goto fail;
	}
	*ret_fd = fd;
	return elf;
fail:
	close(fd);
	return NULL;
}

static void module_hex(const void *bits, size_t n, char *hex)
{
	for (size_t i = 0; i < n; i++)
		snprintf(hex + 2 * i, 3, "%02x", ((const unsigned char *)bits)[i]);
}

/* The build-id in lower-case hex; false: the file has none. */
static bool module_build_id(Elf *elf, char *hex, size_t size)
{
	const void *bits;
	ssize_t n = dwelf_elf_gnu_build_id(elf, &bits);

	if (n <= 0 || (size_t)n * 2 >= size)
		return false;
	module_hex(bits, (size_t)n, hex);
	return true;
}

static bool module_has_units(Dwarf *dwarf)
{
	Dwarf_CU *unit = NULL;

	return dwarf && !dwarf_get_units(dwarf, NULL, &unit, NULL, NULL, NULL, NULL);
}

/* The CRC-32 of .gnu_debuglink (ISO 3309, reflected 0xedb88320), over a whole file. */
static bool module_crc(int fd, uint32_t *ret_crc)
{
	uint32_t table[256], crc = 0xffffffff;
	unsigned char buffer[65536];
	off_t at = 0;
	ssize_t n;

	for (uint32_t i = 0; i < 256; i++) {
		table[i] = i;
		for (int bit = 0; bit < 8; bit++)
			table[i] = table[i] & 1 ? table[i] >> 1 ^ 0xedb88320 : table[i] >> 1;
	}
	while ((n = pread(fd, buffer, sizeof(buffer), at)) > 0) {
		for (ssize_t i = 0; i < n; i++)
			crc = crc >> 8 ^ table[(crc ^ buffer[i]) & 0xff];
		at += n;
	}
	*ret_crc = ~crc;
	return n == 0;
}

/* Takes path as the debug file if it is the one: the same build-id, or else the same checksum. */
static bool module_try_debug(struct sym_module *m, const char *path, const uint32_t *crc)
{
	char own[256], its[256];
	uint32_t its_crc;
	Dwarf *dwarf;
	Elf *elf;
	bool is;
	int fd;

	elf = module_open_elf(path, &fd);
	if (!elf)
		return false;
	if (module_build_id(m->elf, own, sizeof(own)) && module_build_id(elf, its, sizeof(its)))
		is = !strcmp(own, its);
	else
		is = crc && module_crc(fd, &its_crc) && its_crc == *crc;
	dwarf = is ? dwarf_begin_elf(elf, DWARF_C_READ, NULL) : NULL;
	if (!module_has_units(dwarf)) {
		dwarf_end(dwarf);
		elf_end(elf);
		close(fd);
		return false;
	}
	m->dwarf = dwarf;
	m->debug_elf = elf;
	m->debug_fd = fd;
	return true;
}

static bool module_find_by_build_id(struct sym_module *m)
{
	char id[256], path[512];

	if (!module_build_id(m->elf, id, sizeof(id)) || strlen(id) < 4)
		return false;
	snprintf(path, sizeof(path), MODULE_DEBUG_ROOT "/.build-id/%.2s/%s.debug", id, id + 2);
	return module_try_debug(m, path, NULL);
}

/* The three places GDB's documentation names for a debug link. */
static bool module_find_by_link(struct sym_module *m)
{
	char real[PATH_MAX], path[PATH_MAX + 300];
	const char *link;
	GElf_Word crc;
	uint32_t crc32;
	char *slash;

	link = dwelf_elf_gnu_debuglink(m->elf, &crc);
	if (!link || !*link || strchr(link, '/') || strlen(link) > 255)
		return false;
	crc32 = crc;
	if (!realpath(m->path, real))
		return false;
	slash = strrchr(real, '/');
	if (!slash)
		return false;
	*slash = 0;
	snprintf(path, sizeof(path), "%s/%s", real, link);
	if (module_try_debug(m, path, &crc32))
		return true;
	snprintf(path, sizeof(path), "%s/.debug/%s", real, link);
	if (module_try_debug(m, path, &crc32))
		return true;
	snprintf(path, sizeof(path), MODULE_DEBUG_ROOT "%s/%s", real, link);
	return module_try_debug(m, path, &crc32);
}

void sym_module_open(struct sym_module *m)
{
	char id[256];

	if (m->opened)
		return;
	m->opened = true;
	m->elf = module_open_elf(m->path, &m->fd);
	if (!m->elf)
		return;
	if (m->build_id &&
		(!module_build_id(m->elf, id, sizeof(id)) || strcasecmp(id, m->build_id))) {
		/* Rebuilt since: its addresses mean something else now. */
		elf_end(m->elf);
		close(m->fd);
		m->elf = NULL;
		m->fd = -1;
		return;
	}
}

/* dwz's file, which several debug files share, from a server: libdw looked here alone. */
static void module_ask_alt(struct sym_module *m)
{
	char id[256], *path;
	const char *name;
	const void *bits;
	ssize_t n = dwelf_dwarf_gnu_debugaltlink(m->dwarf, &name, &bits);

	if (n <= 0 || (size_t)n * 2 >= sizeof(id) || dwarf_getalt(m->dwarf))
		return;
	module_hex(bits, (size_t)n, id);
	m->alt_fd = sym_servers_find(m->of, m->name, id, &path);
	if (m->alt_fd < 0)
		return;
	free(path);
	m->alt = dwarf_begin(m->alt_fd, DWARF_C_READ);
	if (m->alt)
		dwarf_setalt(m->dwarf, m->alt);
}

static bool module_ask(struct sym_module *m)
{
	char id[256], *path;
	bool found;
	int fd;

	if (!module_build_id(m->elf, id, sizeof(id)))
		return false;
	fd = sym_servers_find(m->of, m->name, id, &path);
	if (fd < 0)
		return false;
	found = module_try_debug(m, path, NULL);
	close(fd);
	free(path);
	if (found)
		module_ask_alt(m);
	return found;
}

/* Apart from opening: unwinding through a library needs none of it, and a distribution's debug
 * file is decompressed as soon as it is opened (50 ms for libc's). */
void sym_module_debug(struct sym_module *m)
{
	if (m->debug_tried || !m->elf)
		return;
	m->debug_tried = true;
	m->dwarf = dwarf_begin_elf(m->elf, DWARF_C_READ, NULL);
	if (module_has_units(m->dwarf))
		return;
	dwarf_end(m->dwarf);
	m->dwarf = NULL;
	if (module_find_by_build_id(m) || module_find_by_link(m) || !m->of->servers.urls)
		return;
	if (m->of->servers.later)
		m->wanted = true;
	else
		module_ask(m);
}

static void module_forget_names(struct sym_module *m)
{
	for (size_t i = 0; i < m->units.n; i++) {
		lockdag_vec_clear(&m->units.items[i].nodes);
		lockdag_vec_clear(&m->units.items[i].names);
		lockdag_vec_clear(&m->units.items[i].segments);
	}
	lockdag_vec_clear(&m->units);
	lockdag_vec_clear(&m->unit_ranges);
	lockdag_vec_clear(&m->functions);
	lockdag_vec_clear(&m->objects);
	lockdag_vec_clear(&m->statics.table);
	lockdag_vec_clear(&m->statics.scopes);
	lockdag_vec_clear(&m->statics.by_name);
}

bool sym_module_fetch(struct sym_module *m)
{
	if (!m->wanted)
		return false;
	m->wanted = false;
	if (!module_ask(m))
		return false;
	/* all that was read without it */
	module_forget_names(m);
	m->units_read = m->symbols_read = m->debug_cfi_read = false;
	m->statics.read = m->statics.bodies_read = false;
	return true;
}

void sym_module_free(struct sym_module *m)
{
	module_forget_names(m);
	if (m->eh_cfi)
		dwarf_cfi_end(m->eh_cfi);
	/* debug_cfi belongs to dwarf */
	dwarf_end(m->dwarf);
	dwarf_end(m->alt);
	elf_end(m->debug_elf);
	elf_end(m->elf);
	if (m->alt_fd >= 0)
		close(m->alt_fd);
	if (m->debug_fd >= 0)
		close(m->debug_fd);
	if (m->fd >= 0)
		close(m->fd);
	free(m->path);
	free(m->build_id);
	free(m);
}

bool sym_module_holds(const struct sym_module *m, uint64_t offset)
{
	size_t n;

	if (!m->elf || elf_getphdrnum(m->elf, &n))
		return false;
	for (size_t i = 0; i < n; i++) {
		GElf_Phdr ph;

		if (gelf_getphdr(m->elf, (int)i, &ph) && ph.p_type == PT_LOAD &&
			offset >= ph.p_vaddr && offset - ph.p_vaddr < ph.p_memsz)
			return true;
	}
	return false;
}
