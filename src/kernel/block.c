/* SPDX-License-Identifier: MIT */
#include "kernel/block.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/parse.h"

#define BLOCK_BYTES                                                                                \
	((size_t)8 << 20) /* what one report may have; the list of all locks is the longest */
#define BLOCK_QUIET 220   /* lines that nobody takes for a report's: comments, other messages */
#define BLOCK_QUIET_AFTER_TRACE 60 /* the same, once its backtrace was seen */
#define BLOCK_BEFORE_CHAIN 24      /* behind its header, a chain is still to come */
#define BLOCK_LINE ((size_t)4096)  /* a longer line is no report's and is cut */

struct block *block_new(const char *s, size_t n, uint64_t number, const struct header *header)
{
	struct block *block = calloc(1, sizeof(*block));
	struct lines *l;

	if (!block)
		return NULL;
	l = &block->lines;
	block->headless = header->headless;
	block->kind = (enum lockdag_splat_kind)header->anchor->kind;
	block->line = number;
	block->title = header_title(header);
	if (block->title)
		block->title[line_plain(block->title, strlen(block->title))] = 0;
	block->bracketed = header->base[header->text] == '[';
	memcpy(l->tag, header->mark.tag, sizeof(l->tag));
	if (header->learned) {
		l->learned = malloc(header->learned_n + 1);
		l->learned_n = header->learned_n;
		if (l->learned)
			memcpy(l->learned, header->learned, header->learned_n);
	}
	if (!block->title || (header->learned && !l->learned) ||
		lines_add(l, s, n < BLOCK_LINE ? n : BLOCK_LINE, number) < 0) {
		block_free(block);
		return NULL;
	}
	return block;
}

void block_free(struct block *block)
{
	if (!block)
		return;
	lines_done(&block->lines);
	free(block->title);
	free(block);
}

/* By the cheapest of looks: could it be a line of a report? */
static bool line_is_relevant(const char *s, size_t n)
{
	static const char *const words[] = {"+0x", "){", "[<", "-> ", "held by", "lock(",
		"[inline]", "ainted", ".c:", "[S]", "[W]"};

	for (size_t i = 0; i < LOCKDAG_ARRAY_SIZE(words); i++)
		if (memmem(s, n, words[i], strlen(words[i])))
			return true;
	return false;
}

/* Another context's line, by its caller tag: it need not be kept. */
static bool block_foreign(struct block *block, const char *s, size_t n)
{
	struct line_mark mark;

	if (!block->lines.tag[0])
		return false;
	line_strip(s, n, &mark);
	if (mark.tag[0])
		block->other_tag = strcmp(mark.tag, block->lines.tag) != 0;
	else if (mark.stamped)
		block->other_tag = false;
	return block->other_tag;
}

int block_add(struct block *block, const char *s, size_t n, uint64_t number, bool *ret_over)
{
	if (n > BLOCK_LINE)
		n = BLOCK_LINE;
	block->idle = 0;
	block->trace |= n < 80 && memmem(s, n, "all ", 4) &&
			(memmem(s, n, "all Trace:", 10) || memmem(s, n, "all trace:", 10));
	if (n > 0 && (block_foreign(block, s, n) || !line_is_relevant(s, n)))
		block->quiet++;
	else if (n > 0)
		block->quiet = 0;
	*ret_over = block->quiet > (block->trace ? BLOCK_QUIET_AFTER_TRACE : BLOCK_QUIET) ||
		    block->lines.bytes.n + n > BLOCK_BYTES || block->lines.raw.n > BLOCK_BYTES / 64;
	return block->other_tag ? 0 : lines_add(&block->lines, s, n, number);
}

bool block_goes_on(const struct block *block, const struct anchor *anchor)
{
	const char *s = block->lines.bytes.items;
	size_t n = block->lines.bytes.n;

	return (anchor->group == ANCHOR_NOTE || anchor->kind == LOCKDAG_SPLAT_HUNG_TASK) &&
	       block->kind == LOCKDAG_SPLAT_CIRCULAR && !block->lines.tag[0] &&
	       (memmem(s, n, "-> #", 4) || block->lines.raw.n < BLOCK_BEFORE_CHAIN) &&
	       !memmem(s, n, "-> #0 ", 6);
}

int block_read(struct block *block, const char *file, struct lockdag_splat **ret_splat)
{
	struct lockdag_splat *splat = record_splat_new();
	bool known = false;
	int r = splat ? lines_clean(&block->lines) : -ENOMEM;

	*ret_splat = NULL;
	if (r == 0 && block->lines.clean.n > 0) {
		splat->kind = block->kind;
		splat->line = block->line;
		splat->bracketed = block->bracketed;
		splat->title = record_text(splat->memory, block->title, strlen(block->title));
		splat->file = record_text(splat->memory, file, strlen(file));
		r = splat->title && splat->file
			    ? parse_block(splat, &block->lines, !block->headless, &known)
			    : -ENOMEM;
	}
	if (r == 0 && known) {
		*ret_splat = splat;
		return 0;
	}
	lockdag_splat_free(splat);
	return r;
}
