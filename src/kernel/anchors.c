/* SPDX-License-Identifier: MIT */
#include "kernel/anchors.h"

#include <string.h>

#define BLOCK ((size_t)2)

static const struct anchor anchor_list[] = {
#define REPORT(kind, text, tail)                                                                   \
	{ANCHOR_REPORT, LOCKDAG_SPLAT_##kind, text, sizeof(text) - 1, tail},
#define NOTE(kind, text) {ANCHOR_NOTE, LOCKDAG_NOTE_##kind, text, sizeof(text) - 1, NULL},
#define HEADLESS(kind, text)                                                                       \
	{ANCHOR_HEADLESS, LOCKDAG_SPLAT_##kind, text, sizeof(text) - 1, NULL},
#define OTHER(what, text) {ANCHOR_OTHER, ANCHOR_##what, text, sizeof(text) - 1, NULL},
#include "kernel/anchors.def"
#undef REPORT
#undef NOTE
#undef HEADLESS
#undef OTHER
};
#define N_ANCHORS LOCKDAG_ARRAY_SIZE(anchor_list)
_Static_assert(N_ANCHORS <= 128, "anchors.next has room for all");

static size_t anchor_block(const char *s)
{
	return (size_t)(unsigned char)s[0] << 8 | (unsigned char)s[1];
}

void anchors_init(struct anchors *a)
{
	memset(a, 0, sizeof(*a));
	a->window = ANCHOR_LONGEST;
	for (size_t i = 0; i < N_ANCHORS; i++)
		if (anchor_list[i].n < a->window)
			a->window = anchor_list[i].n;
	memset(a->shift, (int)(a->window - BLOCK + 1), sizeof(a->shift));
	for (size_t i = 0; i < N_ANCHORS; i++) {
		for (size_t end = BLOCK; end <= a->window; end++) {
			size_t block = anchor_block(anchor_list[i].text + end - BLOCK);
			size_t shift = a->window - end;

			if (shift < a->shift[block])
				a->shift[block] = (uint8_t)shift;
			if (shift == 0) {
				a->next[i] = a->first[block];
				a->first[block] = (uint8_t)(i + 1);
			}
		}
	}
}

const struct anchor *anchors_find(const struct anchors *a, const char *s, size_t n, size_t *ret_at)
{
	for (size_t end = a->window; end <= n;) {
		size_t block = anchor_block(s + end - BLOCK), shift = a->shift[block];

		if (LOCKDAG_LIKELY(shift)) {
			end += shift;
			continue;
		}
		for (unsigned i = a->first[block]; i; i = a->next[i - 1]) {
			const struct anchor *anchor = &anchor_list[i - 1];
			size_t at = end - a->window;

			if (anchor->n <= n - at && !memcmp(s + at, anchor->text, anchor->n)) {
				*ret_at = at;
				return anchor;
			}
		}
		end++;
	}
	return NULL;
}
