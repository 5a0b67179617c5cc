/* SPDX-License-Identifier: MIT
 *
 * Which module an address is in. Modules are registered in the session the first time one of their
 * addresses is recorded, through _dl_find_object, which takes no lock: dl_iterate_phdr would take
 * the loader's, below whatever the program holds.
 *
 * The table of known modules is append-only: a row is written, then counted (release). After a
 * dlclose it is left alone and a new epoch starts: rows of older epochs are not used any more.
 */
#include "guest/module.h"

#include <dlfcn.h>
#include <elf.h>
#include <link.h>

#include "guest/guest.h"
#include "guest/text.h"

#pragma weak _dl_find_object

struct module_known {
	uint64_t start, end, base;
	uint32_t row;
	uint32_t epoch;
};

#define MODULE_MAX 1024

static struct module_known module_table[MODULE_MAX];
static uint32_t module_count;
static uint32_t module_epoch;

void guest_modules_changed(void)
{
	lockdag_add_relaxed(&module_epoch, 1);
}

bool guest_in_module(uint64_t address)
{
	struct dl_find_object object;

	return _dl_find_object && !_dl_find_object((void *)address, &object) &&
		address < (uint64_t)object.dlfo_map_end;
}

/* The build-id note, from the program headers as they are mapped. */
static uint32_t module_build_id(uint64_t start, uint64_t end, uint64_t base, uint8_t *id)
{
	const ElfW(Ehdr) *header = (const ElfW(Ehdr) *)start;
	const ElfW(Phdr) *ph;

	if (end - start < sizeof(*header) || __builtin_memcmp(header->e_ident, ELFMAG, SELFMAG) ||
		header->e_phoff > 4096 - sizeof(*ph))
		return 0;
	ph = (const ElfW(Phdr) *)(start + header->e_phoff);
	for (unsigned i = 0; i < header->e_phnum && (char *)(ph + i + 1) <= (char *)start + 4096; i++) {
		uint64_t at = base + ph[i].p_vaddr, stop = at + ph[i].p_memsz;

		if (ph[i].p_type != PT_NOTE || at < start || stop > end)
			continue;
		while (at + sizeof(ElfW(Nhdr)) <= stop) {
			const ElfW(Nhdr) *note = (const ElfW(Nhdr) *)at;
			uint64_t name = at + sizeof(*note), bytes = name + ((note->n_namesz + 3u) & ~3u);

			if (note->n_type == NT_GNU_BUILD_ID && note->n_namesz == 4 &&
				note->n_descsz <= 20 && bytes + note->n_descsz <= stop) {
				for (unsigned k = 0; k < note->n_descsz; k++)
					id[k] = ((const uint8_t *)bytes)[k];
				return note->n_descsz;
			}
			at = bytes + ((note->n_descsz + 3u) & ~3u);
		}
	}
	return 0;
}

/* A module of an earlier epoch that is still, or again, where it was. */
static struct module_known *module_again(const struct dl_find_object *object, uint32_t n)
{
	const char *path = object->dlfo_link_map->l_name;

	for (uint32_t i = 0; i < n && i < MODULE_MAX; i++) {
		struct module_known *k = &module_table[i];
		const struct lockdag_session_module *row = guest_module_row(k->row);

		if (k->start != (uint64_t)object->dlfo_map_start ||
			lockdag_load_acquire(&k->end) != (uint64_t)object->dlfo_map_end)
			continue; /* pairs with: module_register */
		if (*path && !guest_after_prefix(row->path, path))
			continue;
		lockdag_store_relaxed(&k->epoch, lockdag_load_relaxed(&module_epoch));
		return k;
	}
	return NULL;
}

static const struct module_known *module_register(uint64_t address)
{
	struct lockdag_session_module *row;
	struct dl_find_object object;
	struct module_known *known;
	uint32_t number, at;

	if (!_dl_find_object || _dl_find_object((void *)address, &object))
		return NULL;
	at = lockdag_load_relaxed(&module_count);
	known = module_again(&object, at);
	if (known)
		return known;
	row = at < MODULE_MAX ? lockdag_write_module(&guest_process.writer, &number) : NULL;
	if (!row || number >= LOCKDAG_FRAME_NO_MODULE)
		return NULL;
	row->process = guest_process.row;
	row->base = object.dlfo_link_map->l_addr;
	row->start = (uint64_t)object.dlfo_map_start;
	row->end = (uint64_t)object.dlfo_map_end;
	row->n_build_id = module_build_id(row->start, row->end, row->base, row->build_id);
	guest_copy(row->path, sizeof(row->path),
		*object.dlfo_link_map->l_name ? object.dlfo_link_map->l_name
					      : guest_process_row(guest_process.row)->exe);
	lockdag_store_release(&row->state, 1); /* pairs with: lockdag_session_module */
	/* Two threads may register one module twice: no harm, the judge goes by path. */
	at = lockdag_add_relaxed(&module_count, 1);
	if (at >= MODULE_MAX)
		return NULL;
	known = &module_table[at];
	known->start = row->start;
	known->base = row->base;
	known->row = number;
	known->epoch = lockdag_load_relaxed(&module_epoch);
	lockdag_store_release(&known->end, row->end); /* pairs with: guest_frame */
	return known;
}

uint64_t guest_frame(uint64_t address)
{
	uint32_t n = lockdag_load_relaxed(&module_count);
	uint32_t epoch = lockdag_load_relaxed(&module_epoch);
	const struct module_known *known = NULL;

	for (uint32_t i = 0; i < n && i < MODULE_MAX && !known; i++) {
		const struct module_known *k = &module_table[i];

		/* pairs with: module_register */
		if (address < lockdag_load_acquire(&k->end) && address >= k->start &&
			lockdag_load_relaxed(&k->epoch) == epoch)
			known = k;
	}
	if (!known)
		known = module_register(address);
	return known ? LOCKDAG_FRAME(known->row, address - known->base)
		     : LOCKDAG_FRAME(LOCKDAG_FRAME_NO_MODULE, address);
}
