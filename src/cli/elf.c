/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <gelf.h>
#include <libelf.h>
#include <string.h>

#include "cli/program.h"

/* File offset of a virtual address, or 0. */
static uint64_t elf_file_offset(Elf *elf, size_t n_headers, uint64_t address)
{
	GElf_Phdr p;

	for (size_t i = 0; i < n_headers; i++)
		if (gelf_getphdr(elf, (int)i, &p) && p.p_type == PT_LOAD && address >= p.p_vaddr &&
			address - p.p_vaddr < p.p_filesz)
			return address - p.p_vaddr + p.p_offset;
	return 0;
}

static bool elf_is_asan(const char *library)
{
	return !strncmp(library, "libasan.so", 10) || !strncmp(library, "libclang_rt.asan", 16);
}

/* Does one of the needed libraries bring AddressSanitizer's runtime? */
static bool elf_needs_asan(Elf *elf, size_t n_headers, const GElf_Phdr *dynamic)
{
	Elf_Data *rows =
		elf_getdata_rawchunk(elf, (int64_t)dynamic->p_offset, dynamic->p_filesz, ELF_T_DYN);
	uint64_t strings = 0, size = 0;
	const char *text;
	Elf_Data *chunk;
	GElf_Dyn d;

	for (int i = 0; rows && gelf_getdyn(rows, i, &d) && d.d_tag != DT_NULL; i++) {
		if (d.d_tag == DT_STRTAB)
			strings = elf_file_offset(elf, n_headers, d.d_un.d_ptr);
		else if (d.d_tag == DT_STRSZ)
			size = d.d_un.d_val;
	}
	chunk = strings && size ? elf_getdata_rawchunk(elf, (int64_t)strings, size, ELF_T_BYTE)
				: NULL;
	if (!chunk || chunk->d_size == 0)
		return false;
	text = chunk->d_buf;
	if (text[chunk->d_size - 1])
		return false;
	for (int i = 0; gelf_getdyn(rows, i, &d) && d.d_tag != DT_NULL; i++)
		if (d.d_tag == DT_NEEDED && d.d_un.d_val < chunk->d_size &&
			elf_is_asan(text + d.d_un.d_val))
			return true;
	return false;
}

static void elf_read_interpreter(Elf *elf, const GElf_Phdr *p, struct cli_elf *ret)
{
	Elf_Data *chunk = elf_getdata_rawchunk(elf, (int64_t)p->p_offset, p->p_filesz, ELF_T_BYTE);
	size_t n;

	ret->has_interpreter = true;
	if (!chunk)
		return;
	n = strnlen(chunk->d_buf, chunk->d_size);
	if (n < sizeof(ret->interpreter))
		memcpy(ret->interpreter, chunk->d_buf, n);
}

/* Compilers leave their names in .comment, which stripping leaves alone. */
static bool elf_is_rust(Elf *elf)
{
	static const char word[] = "rustc version ";
	Elf_Scn *section = NULL;
	GElf_Shdr header;
	Elf_Data *data;
	const char *name;
	size_t names;

	while (elf_getshdrstrndx(elf, &names) == 0 && (section = elf_nextscn(elf, section))) {
		name = gelf_getshdr(section, &header) ? elf_strptr(elf, names, header.sh_name) : NULL;
		if (!name || strcmp(name, ".comment") != 0)
			continue;
		data = elf_getdata(section, NULL);
		return data && data->d_size && memmem(data->d_buf, data->d_size, word, sizeof(word) - 1);
	}
	return false;
}

static void elf_read_headers(Elf *elf, struct cli_elf *ret)
{
	size_t n_headers;
	GElf_Ehdr header;
	GElf_Phdr p;

	if (!gelf_getehdr(elf, &header) || elf_getphdrnum(elf, &n_headers) < 0)
		return;
	ret->elf = true;
	ret->is_32_bit = header.e_ident[EI_CLASS] == ELFCLASS32;
	ret->other_machine =
		header.e_machine != EM_X86_64 && !(ret->is_32_bit && header.e_machine == EM_386);
	for (size_t i = 0; i < n_headers; i++) {
		if (!gelf_getphdr(elf, (int)i, &p))
			return;
		if (p.p_type == PT_INTERP)
			elf_read_interpreter(elf, &p, ret);
		else if (p.p_type == PT_DYNAMIC)
			ret->asan = elf_needs_asan(elf, n_headers, &p);
	}
}

int cli_elf_read(int fd, struct cli_elf *ret)
{
	Elf *elf;

	*ret = (struct cli_elf){0};
	if (elf_version(EV_CURRENT) == EV_NONE)
		return -ENOTSUP;
	elf = elf_begin(fd, ELF_C_READ, NULL);
	if (!elf)
		return -EIO;
	if (elf_kind(elf) == ELF_K_ELF) {
		elf_read_headers(elf, ret);
		ret->rust = elf_is_rust(elf);
	}
	elf_end(elf);
	return 0;
}
