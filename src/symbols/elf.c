/* SPDX-License-Identifier: MIT
 *
 * ELF symbols, sorted once: what is left when there is no DWARF, and the C++ names DWARF lacks.
 */
#include "internal.h"

#include <stdlib.h>
#include <string.h>

static int elf_compare(const void *a, const void *b)
{
	const struct sym_elf_symbol *x = a, *y = b;

	if (x->value != y->value)
		return x->value < y->value ? -1 : 1;
	if (x->local != y->local)
		return x->local ? 1 : -1; /* aliases: the public name first */
	if (x->size != y->size)
		return x->size > y->size ? -1 : 1;
	return strcmp(x->name, y->name);
}

static void elf_add(struct sym_module *m, Elf *elf, const GElf_Shdr *header, const GElf_Sym *sym)
{
	unsigned type = GELF_ST_TYPE(sym->st_info);
	struct sym_elf_symbol *to;
	const char *name;

	if (sym->st_shndx == SHN_UNDEF || !sym->st_value)
		return;
	name = elf_strptr(elf, header->sh_link, sym->st_name);
	if (!name || !*name)
		return;
	if (type == STT_FUNC || type == STT_GNU_IFUNC)
		to = lockdag_vec_push(&m->functions);
	else if (type == STT_OBJECT)
		to = lockdag_vec_push(&m->objects);
	else
		return;
	if (!to)
		return;
	to->value = sym->st_value;
	to->size = sym->st_size;
	to->name = name;
	to->local = GELF_ST_BIND(sym->st_info) == STB_LOCAL;
}

static bool elf_read_table(struct sym_module *m, Elf *elf, GElf_Word type)
{
	Elf_Scn *section = NULL;
	bool found = false;

	while (elf && (section = elf_nextscn(elf, section))) {
		GElf_Shdr header;
		Elf_Data *data;
		GElf_Sym sym;

		if (!gelf_getshdr(section, &header) || header.sh_type != type)
			continue;
		data = elf_getdata(section, NULL);
		for (int i = 1; data && gelf_getsym(data, i, &sym); i++)
			elf_add(m, elf, &header, &sym);
		found = data && data->d_size;
	}
	return found;
}

static void elf_read(struct sym_module *m)
{
	if (m->symbols_read)
		return;
	m->symbols_read = true;
	if (!elf_read_table(m, m->elf, SHT_SYMTAB)) {
		sym_module_debug(m);
		if (!elf_read_table(m, m->debug_elf, SHT_SYMTAB))
			elf_read_table(m, m->elf, SHT_DYNSYM);
	}
	if (m->functions.n)
		qsort(m->functions.items, m->functions.n, sizeof(*m->functions.items), elf_compare);
	if (m->objects.n)
		qsort(m->objects.items, m->objects.n, sizeof(*m->objects.items), elf_compare);
}

/* The symbol that covers offset; of several at one address the first in the order above. */
static const struct sym_elf_symbol *elf_find(
	const struct sym_elf_symbols *t, uint64_t offset, bool open_ended)
{
	size_t low = 0, high = t->n;
	const struct sym_elf_symbol *found;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (t->items[middle].value <= offset)
			low = middle + 1;
		else
			high = middle;
	}
	if (!low)
		return NULL;
	found = &t->items[low - 1];
	while (found > t->items && found[-1].value == found->value)
		found--;
	if (offset - found->value < found->size || offset == found->value)
		return found;
	/* size 0: a function written in assembler reaches up to the next symbol */
	return open_ended && !found->size ? found : NULL;
}

const struct sym_elf_symbol *sym_elf_function(struct sym_module *m, uint64_t offset)
{
	elf_read(m);
	return elf_find(&m->functions, offset, true);
}

const struct sym_elf_symbol *sym_elf_object(struct sym_module *m, uint64_t offset)
{
	elf_read(m);
	return elf_find(&m->objects, offset, false);
}

const struct sym_elf_symbol *sym_elf_object_named(struct sym_module *m, const char *name)
{
	elf_read(m);
	for (size_t i = 0; i < m->objects.n; i++) {
		if (!m->objects.items[i].local && !strcmp(m->objects.items[i].name, name))
			return &m->objects.items[i];
	}
	return NULL;
}

bool sym_elf_copied(struct sym_module *m, uint64_t offset)
{
	Elf_Scn *section = NULL;

	while (m->elf && (section = elf_nextscn(m->elf, section))) {
		GElf_Shdr header;
		Elf_Data *data;
		GElf_Rela rela;

		if (!gelf_getshdr(section, &header) || header.sh_type != SHT_RELA)
			continue;
		data = elf_getdata(section, NULL);
		for (int i = 0; data && gelf_getrela(data, i, &rela); i++) {
			if (rela.r_offset == offset && GELF_R_TYPE(rela.r_info) == R_X86_64_COPY)
				return true;
		}
	}
	return false;
}
