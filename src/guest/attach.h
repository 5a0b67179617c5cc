/* SPDX-License-Identifier: MIT
 *
 * Between attach.c (processes) and thread.c (threads).
 */
#ifndef LOCKDAG_GUEST_ATTACH_H
#define LOCKDAG_GUEST_ATTACH_H

#include "guest/guest.h"

/* A row for this process. pid: 0, or known to be this one's, a child of the parent's process. */
bool guest_process_row_new(uint32_t how, uint32_t parent, uint32_t forker, int32_t pid);

/* A row and a block for this thread, which no hook has seen being created; NULL: no room. */
struct lockdag_block *guest_thread_attach(void);
/* The destructor of guest_process.end_key. */
void guest_thread_end(void *block);

#endif
