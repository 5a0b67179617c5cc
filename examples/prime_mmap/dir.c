/* SPDX-License-Identifier: MIT */
#include "machine.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

void inode_init(struct inode *dir)
{
	memset(dir, 0, sizeof(*dir));
	init_rwsem(&dir->i_rwsem, "&sb->s_type->i_mutex_key#5");
}

int inode_add(struct inode *dir, const char *name)
{
	if (dir->n_names == sizeof(dir->names) / sizeof(dir->names[0]))
		return -ENOSPC;
	snprintf(dir->names[dir->n_names++], sizeof(dir->names[0]), "%s", name);
	return 0;
}

static int filldir(struct mm *mm, size_t address, const char *name)
{
	return copy_to_user(mm, address, name, strlen(name) + 1);
}

static int iterate_dir(struct inode *dir, struct mm *mm, size_t address, size_t size)
{
	size_t done = 0;

	for (size_t i = 0; i < dir->n_names; i++) {
		size_t length = strlen(dir->names[i]) + 1;
		int err = length <= size - done ? filldir(mm, address + done, dir->names[i])
						: -EINVAL;

		if (err)
			return err;
		done += length;
	}
	return (int)done;
}

int getdents(struct inode *dir, struct mm *mm, size_t address, size_t size)
{
	int n;

	down_read(&dir->i_rwsem);
	n = iterate_dir(dir, mm, address, size);
	up_read(&dir->i_rwsem);
	return n;
}
