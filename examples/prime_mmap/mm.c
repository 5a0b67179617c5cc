/* SPDX-License-Identifier: MIT */
#include "machine.h"

#include <errno.h>
#include <string.h>

#define PAGE_BYTES sizeof(((struct mm *)0)->memory[0])

void mm_init(struct mm *mm)
{
	memset(mm, 0, sizeof(*mm));
	init_rwsem(&mm->mmap_sem, "&mm->mmap_sem");
}

/* The page comes in, unless the address is none of the process's. */
static int handle_fault(struct mm *mm, size_t page)
{
	int err = 0;

	down_read(&mm->mmap_sem);
	if (page >= sizeof(mm->memory) / PAGE_BYTES) {
		err = -EFAULT;
	} else if (!mm->present[page]) {
		mm->present[page] = true;
		mm->n_faults++;
	}
	up_read(&mm->mmap_sem);
	return err;
}

int copy_to_user(struct mm *mm, size_t address, const void *from, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		size_t page = (address + i) / PAGE_BYTES, at = (address + i) % PAGE_BYTES;
		int err = i && at ? 0 : handle_fault(mm, page);

		if (err)
			return err;
		mm->memory[page][at] = ((const char *)from)[i];
	}
	return 0;
}
