/* SPDX-License-Identifier: MIT
 *
 * Where in a lot of bytes something may begin. Wu and Manber, "A fast algorithm for multi-pattern
 * searching" (1994), blocks of two bytes: most bytes are never looked at.
 */
#ifndef LOCKDAG_KERNEL_ANCHORS_H
#define LOCKDAG_KERNEL_ANCHORS_H

#include "kernel/kernel.h"

enum anchor_group { ANCHOR_REPORT, ANCHOR_NOTE, ANCHOR_HEADLESS, ANCHOR_OTHER };
enum anchor_other {
	ANCHOR_CODED,    /* quoted-printable without a mail around it */
	ANCHOR_PROC_CLASSES,
	ANCHOR_PROC_CHAINS,
	ANCHOR_PROC_STATS,
};

struct anchor {
	enum anchor_group group;
	unsigned kind; /* enum lockdag_splat_kind, lockdag_splat_note_kind or anchor_other */
	const char *text;
	size_t n;
	const char *tail; /* how a report's header goes on; NULL: see header.c */
};

#define ANCHOR_LONGEST 64 /* no text of anchors.def is longer */

struct anchors {
	uint8_t shift[1 << 16]; /* how far the window may move for the two bytes at its end */
	uint8_t first[1 << 16]; /* 1 + the first anchor to try when it may not; 0: none */
	uint8_t next[128];      /* the same, of the anchor to try after */
	size_t window;
};

void anchors_init(struct anchors *anchors);

/* The first anchor that starts in [s, s + n) and lies in it wholly; NULL: there is none.
 * *ret_at: where it starts. */
const struct anchor *anchors_find(
	const struct anchors *anchors, const char *s, size_t n, size_t *ret_at);

#endif
