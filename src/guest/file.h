/* SPDX-License-Identifier: MIT
 *
 * Identities that several processes share (identity_shared.c): a file's locks by device, inode and range, a
 * lock in shared memory by the mapped file and its offset in it. They stand in the session's set, so that all
 * processes find one key.
 */
#ifndef LOCKDAG_GUEST_FILE_H
#define LOCKDAG_GUEST_FILE_H

#include "guest/guest.h"

struct guest_file {
	uint64_t dev, ino;
	bool flock; /* flock's locks and fcntl's do not know of each other */
};

/* The key of a range of the file that fd is open for. *ret_key: without LOCKDAG_KEY_OWNED. */
bool guest_file_key(struct lockdag_block *t, const struct guest_file *file, int fd, uint64_t first,
	uint64_t last, struct guest_site site, uint32_t *ret_key);
/* The newest range of the file, as key + 1, the others behind it by `with`; 0: none. */
uint32_t guest_file_first(const struct guest_file *file);

#endif
