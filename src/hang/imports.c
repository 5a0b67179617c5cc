/* SPDX-License-Identifier: MIT
 *
 * What a program of which only a core file is left can have done at all: by the functions of the C
 * library that its modules are bound to. Who has no way to fork has forked no child.
 */
#include "internal.h"

#include <gelf.h>
#include <string.h>

enum {
	SHARE = HANG_MAY_SHARE,
	HANDLE = HANG_MAY_HANDLE,
	OPEN = HANG_MAY_OPEN,
	CLOSE = HANG_MAY_CLOSE,
	PIPE = HANG_MAY_PIPE,
	PAIR = HANG_MAY_PAIR,
	EVENTFD = HANG_MAY_EVENTFD,
	CLONE = HANG_MAY_CLONE
};

static const struct {
	const char *name;
	unsigned may;
} imports[] = {
#define IMPORT(name, may) {#name, may},
#include "hang/imports.def"
#undef IMPORT
};

unsigned hang_imports_name(const char *name)
{
	/* Classes of the C++ library that open files for their callers. */
	static const char *const openers[] = {
		"filebuf", "fstream", "random_device", "filesystem", NULL};

	for (size_t i = 0; i < LOCKDAG_ARRAY_SIZE(imports); i++)
		if (!strcmp(imports[i].name, name))
			return imports[i].may;
	for (size_t i = 0; !strncmp(name, "_ZNSt", 5) && openers[i]; i++)
		if (strstr(name, openers[i]))
			return OPEN | CLOSE;
	return 0;
}

static unsigned imports_of(Elf *elf)
{
	Elf_Scn *section = NULL;
	unsigned may = HANG_MAY_ALL; /* no such table: a static program */

	while ((section = elf_nextscn(elf, section))) {
		GElf_Shdr header;
		Elf_Data *data;

		if (!gelf_getshdr(section, &header) || header.sh_type != SHT_DYNSYM)
			continue;
		data = elf_getdata(section, NULL);
		may = 0;
		for (int i = 1; data; i++) {
			GElf_Sym symbol;
			const char *name;

			if (!gelf_getsym(data, i, &symbol))
				break;
			name = elf_strptr(elf, header.sh_link, symbol.st_name);
			if (name && symbol.st_shndx == SHN_UNDEF)
				may |= hang_imports_name(name);
		}
	}
	return may;
}

/* The C library does nothing by itself, nor do these; lockdag's own only passes on. */
static bool imports_is_inert(const struct hang_module *m)
{
	static const char *const inert[] = {"libstdc++.so", "libgcc_s", "libm.so", "librt.so",
		"libdl.so", "libatomic.so", "libc++.so", "libc++abi.so", "liblockdag-", NULL};

	for (size_t i = 0; inert[i]; i++)
		if (!strncmp(m->name, inert[i], strlen(inert[i])))
			return true;
	return m->libc;
}

unsigned hang_imports(struct hang_process *p)
{
	if (p->imports_known)
		return p->imports;
	p->imports_known = true;
	p->imports = p->dwfl && p->modules.n ? 0 : HANG_MAY_ALL;
	for (size_t i = 0; i < p->modules.n; i++) {
		const struct hang_module *m = &p->modules.items[i];
		Dwfl_Module *module =
			imports_is_inert(m) ? NULL : dwfl_addrmodule(p->dwfl, m->start);
		GElf_Addr bias;
		Elf *elf = module ? dwfl_module_getelf(module, &bias) : NULL;

		if (imports_is_inert(m))
			continue;
		p->imports |= elf ? imports_of(elf) : HANG_MAY_ALL;
	}
	return p->imports;
}
