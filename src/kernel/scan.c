/* SPDX-License-Identifier: MIT
 *
 * The scanner: bytes to lines, and which of them may matter.
 *
 * While no report is open only anchors are searched for, a block of bytes at a time; lines are
 * counted, never looked at. While one is open each line goes to it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/vec.h"
#include "kernel/block.h"
#include "kernel/mail.h"
#include "kernel/proc.h"
#include "kernel/seen.h"
#include "kernel/split.h"

#define SCAN_LINE ((size_t)64 << 10) /* a longer line is looked at in pieces of this */
#define SCAN_OPEN 16                 /* reports of different contexts at once */
#define SCAN_NOTES 8                 /* neighbours that are remembered */
#define SCAN_NEIGHBOUR 400           /* lines within which something is one */
#define SCAN_CODED 8     /* lines behind a coded "=====" in which a header may be torn */
#define SCAN_PATIENCE 10 /* idle times until a report without its end comes out */

struct lockdag_kernel_scanner {
	struct lockdag_kernel_sink sink;
	struct anchors anchors;
	char *file;           /* NULL: none was begun */
	uint64_t line, coded; /* up to line `coded`, soft line breaks are joined */
	struct mail mail;
	LOCKDAG_VEC(char) bytes; /* what is not looked at yet, from a line's start */
	enum split split;        /* the line at hand is a string of many lines */
	bool flow;               /* the lines of the reports that are open were run together */
	struct block *open[SCAN_OPEN];
	size_t n_open;
	struct proc *proc;
	struct lockdag_text piece; /* a line of an escaped string */
	struct lockdag_text torn;  /* a line that soft breaks had divided */
	struct lockdag_splat_note notes[SCAN_NOTES];
	size_t n_notes;
	struct seen seen;
};

int lockdag_kernel_open(
	const struct lockdag_kernel_sink *sink, struct lockdag_kernel_scanner **ret_scanner)
{
	struct lockdag_kernel_scanner *k = calloc(1, sizeof(*k));

	if (!k)
		return -ENOMEM;
	k->sink = *sink;
	anchors_init(&k->anchors);
	*ret_scanner = k;
	return 0;
}

/* ------------------------------------------------------------------ what comes out */

static void notes_clear(struct lockdag_kernel_scanner *k)
{
	for (size_t i = 0; i < k->n_notes; i++)
		free((char *)k->notes[i].title);
	k->n_notes = 0;
}

/* Neighbours of a report are those shortly before it, or in it. */
static int notes_attach(struct lockdag_kernel_scanner *k, struct lockdag_splat *splat)
{
	for (size_t i = 0; i < k->n_notes; i++) {
		const struct lockdag_splat_note *note = &k->notes[i];
		struct lockdag_splat_note *slot;

		if (note->line + SCAN_NEIGHBOUR < splat->line || note->line > splat->last)
			continue;
		slot = RECORD_PUSH(splat->memory, splat->notes, splat->n_notes);
		if (!slot)
			return -ENOMEM;
		*slot = *note;
		slot->title = record_text(splat->memory, note->title, strlen(note->title));
		slot->file = splat->file;
	}
	return ((struct record_memory *)splat->memory)->failed ? -ENOMEM : 0;
}

static int emit(struct lockdag_kernel_scanner *k, struct lockdag_splat *splat)
{
	int r = notes_attach(k, splat);

	if (r < 0 || !k->sink.splat) {
		lockdag_splat_free(splat);
		return r;
	}
	return k->sink.splat(k->sink.context, splat);
}

/* Ends open report i: what it is comes out. */
static int close_block(struct lockdag_kernel_scanner *k, size_t i)
{
	struct block *block = k->open[i];
	struct lockdag_splat *splat;
	bool html;
	int r;

	memmove(&k->open[i], &k->open[i + 1], (k->n_open - i - 1) * sizeof(*k->open));
	k->n_open--;
	r = block_read(block, k->file, &splat);
	html = block->lines.html;
	block_free(block);
	if (r < 0 || !splat)
		return r;
	if (seen_before(&k->seen, splat, html)) {
		lockdag_splat_free(splat);
		return 0;
	}
	return emit(k, splat);
}

static int close_all(struct lockdag_kernel_scanner *k)
{
	int r = 0;

	while (k->n_open > 0) {
		int one = close_block(k, 0);

		r = r < 0 ? r : one;
	}
	return r;
}

/* ------------------------------------------------------------------ lines */

static int note_found(struct lockdag_kernel_scanner *k, const char *s, const struct header *h)
{
	struct lockdag_splat_note note = {
		.kind = (enum lockdag_splat_note_kind)h->anchor->kind,
		.title = strndup(s + h->text, h->end - h->text),
		.file = k->file,
		.line = k->line,
	};

	if (!note.title)
		return -ENOMEM;
	((char *)note.title)[line_plain((char *)note.title, strlen(note.title))] = 0;
	if (k->n_notes == SCAN_NOTES) {
		free((char *)k->notes[0].title);
		memmove(&k->notes[0], &k->notes[1], (SCAN_NOTES - 1) * sizeof(note));
		k->n_notes--;
	}
	k->notes[k->n_notes++] = note;
	return k->sink.note ? k->sink.note(k->sink.context, &note) : 0;
}

static int header_found(
	struct lockdag_kernel_scanner *k, const char *s, size_t n, const struct header *h)
{
	bool mixed = false;
	int r = 0;

	/* It ends what the same context printed before; one context prints one report at a time.
	 * A header behind a prefix of its own is perhaps none, and ends nothing. */
	for (size_t i = k->n_open; i-- > 0 && r == 0;) {
		if (h->learned || h->headless || strcmp(k->open[i]->lines.tag, h->mark.tag) != 0)
			continue;
		if (block_goes_on(k->open[i], h->anchor))
			mixed = k->open[i]->lines.mixed = true;
		else
			r = close_block(k, i);
	}
	if (r == 0 && h->anchor->group == ANCHOR_NOTE)
		return note_found(k, s, h);
	if (r == 0 && k->n_open == SCAN_OPEN)
		r = close_block(k, 0);
	if (r < 0)
		return r;
	k->open[k->n_open] = block_new(s, n, k->line, h);
	if (!k->open[k->n_open])
		return -ENOMEM;
	k->open[k->n_open]->lines.coded = k->line <= k->coded;
	k->open[k->n_open]->lines.mixed = mixed;
	k->n_open++;
	return 0;
}

/* Nobody has printed a header lately whose report this line belongs to. */
static bool nothing_open(const struct lockdag_kernel_scanner *k, const struct header *h)
{
	for (size_t i = 0; i < k->n_open; i++) {
		const struct lines *open = &k->open[i]->lines;
		bool others = open->tag[0] && h->mark.tag[0] && strcmp(open->tag, h->mark.tag) != 0;

		if (!open->learned && !others)
			return false;
	}
	return true;
}

/* A link of a chain. When a bare chain is open and counts up again, this is another one's first. */
static int link_found(struct lockdag_kernel_scanner *k, const char *s, size_t n,
	const struct header *header, bool *ret_header)
{
	unsigned index = (unsigned)strtoul(header->anchor->text + strlen("-> #"), NULL, 10);
	int r;

	for (size_t i = k->n_open; i-- > 0;) {
		struct block *block = k->open[i];

		if (!block->headless || strcmp(block->lines.tag, header->mark.tag) != 0)
			continue;
		if (block->link == 0 || index < block->link) {
			block->link = index;
			return 0;
		}
		r = close_block(k, i);
		if (r < 0)
			return r;
	}
	if (!nothing_open(k, header))
		return 0;
	*ret_header = true;
	r = header_found(k, s, n, header);
	if (r == 0)
		k->open[k->n_open - 1]->link = index;
	return r;
}

static int anchor_other(struct lockdag_kernel_scanner *k, const char *s, size_t n,
	const struct anchor *anchor, size_t at, bool *ret_header)
{
	struct header header;

	if (anchor->group == ANCHOR_HEADLESS) {
		if (!header_headless(s, n, anchor, at, &header))
			return 0;
		if (anchor->text[0] == '-')
			return link_found(k, s, n, &header, ret_header);
		if (!nothing_open(k, &header))
			return 0;
		*ret_header = true;
		return header_found(k, s, n, &header);
	}
	if (anchor->kind == ANCHOR_CODED) {
		k->coded = k->line + SCAN_CODED;
		return 0;
	}
	if (!k->proc && k->sink.graph)
		return proc_new(s, n, &k->proc);
	return 0;
}

#define DECODED 1024 /* of a line whose header may stand in another coding */

/* The same for a line that an archive or a mailer has coded: "&lt;4&gt;[   12.3] WARNING: ...". */
static bool header_decoded(const struct lockdag_kernel_scanner *k, const char *s, size_t n,
	char buffer[DECODED], struct header *ret_header)
{
	const struct anchor *anchor;
	size_t length = n < DECODED ? n : DECODED, at;

	memcpy(buffer, s, length);
	length = line_decode_quoted_printable(buffer, length);
	length = line_drop_html(buffer, length);
	length = line_decode_entities(buffer, length);
	if (length == (n < DECODED ? n : DECODED))
		return false;
	anchor = anchors_find(&k->anchors, buffer, length, &at);
	return anchor && anchor->group == ANCHOR_REPORT &&
	       header_read(buffer, length, anchor, at, ret_header);
}

/* Everything that [s, s + n), one line or a piece of a long one, may begin. */
static int line_look(struct lockdag_kernel_scanner *k, const char *s, size_t n, bool *ret_header)
{
	size_t from = 0, at;
	const struct anchor *anchor;
	struct header header, decoded;
	char buffer[DECODED];

	*ret_header = false;
	while ((anchor = anchors_find(&k->anchors, s + from, n - from, &at))) {
		int r = 0;

		at += from;
		if (anchor->group == ANCHOR_OTHER || anchor->group == ANCHOR_HEADLESS) {
			r = anchor_other(k, s, n, anchor, at, ret_header);
			if (*ret_header)
				return r;
		} else {
			bool plain = header_read(s, n, anchor, at, &header);

			if (anchor->group == ANCHOR_REPORT && (!plain || header.learned) &&
				header_decoded(k, s, n, buffer, &decoded)) {
				header = decoded;
				plain = true;
			}
			if (!plain && anchor->kind == LOCKDAG_SPLAT_RCU &&
				header_headless(s, n, anchor, at, &header))
				plain = nothing_open(k, &header);
			*ret_header = plain && anchor->group == ANCHOR_REPORT;
			if (plain)
				return header_found(k, s, n, &header);
		}
		if (r < 0)
			return r;
		from = at + anchor->n;
	}
	return 0;
}

/* A line goes to all that are open; what it opens itself has it already. */
static int line_give(struct lockdag_kernel_scanner *k, const char *s, size_t n, size_t n_open)
{
	for (size_t i = n_open; i-- > 0;) {
		bool over;
		int r = block_add(k->open[i], s, n, k->line, &over);

		if (r == 0 && over)
			r = close_block(k, i);
		if (r < 0)
			return r;
	}
	return 0;
}

static int line_one(struct lockdag_kernel_scanner *k, const char *s, size_t n)
{
	size_t before = k->n_open;
	bool header;
	int r;

	if (k->proc && !proc_line(k->proc, s, n))
		return -ENOMEM;
	r = line_look(k, s, n, &header);
	if (r < 0 || before == 0)
		return r;
	/* whoever is open still and was before: the new one is the last */
	return line_give(k, s, n, header ? k->n_open - 1 : k->n_open);
}

static int line_take(struct lockdag_kernel_scanner *k, const char *s, size_t n)
{
	enum split was = k->split;
	int r = 0;

	if (n > 0 && s[n - 1] == '\r')
		n--;
	k->flow = k->flow && k->n_open > 0;
	if (!k->split)
		k->split = split_of(&k->anchors, s, n);
	if (k->split == SPLIT_FLOW)
		k->flow = true;
	else if (!k->split && k->flow)
		k->split = SPLIT_FLOW;
	if (!k->split)
		return line_one(k, s, n);
	if (!was)
		split_start(k->split, &s, &n);
	while (r == 0 && n > 0) {
		size_t one, all = split_next(k->split, s, n, &one);

		k->piece.n = 0;
		lockdag_text_add_n(&k->piece, s, one);
		if (k->piece.failed)
			return -ENOMEM;
		if (k->split == SPLIT_ESCAPED)
			one = line_decode_escapes(k->piece.s, one);
		r = line_one(k, one ? k->piece.s : "", one);
		s += all;
		n -= all;
	}
	return r;
}

/* ------------------------------------------------------------------ bytes */

static uint64_t count_lines(const char *s, size_t n)
{
	uint64_t lines = 0;

	for (const char *end = s + n, *p = s; p < end && (p = memchr(p, '\n', (size_t)(end - p)));
		p++)
		lines++;
	return lines;
}

/* Nothing is open: goes to the line of the next anchor. *at is moved behind all that needs no look;
 * true when a line that needs one starts there. */
static bool skip_to_anchor(struct lockdag_kernel_scanner *k, const char *s, size_t n, size_t *at)
{
	size_t found, start;
	const char *before;

	if (!anchors_find(&k->anchors, s + *at, n - *at, &found)) {
		before = memrchr(s + *at, '\n', n - *at);
		start = before ? (size_t)(before - s) + 1 : *at;
		k->line += count_lines(s + *at, start - *at);
		*at = start;
		return false;
	}
	before = memrchr(s + *at, '\n', found);
	start = before ? (size_t)(before - s) + 1 : *at;
	k->line += count_lines(s + *at, start - *at);
	*at = start;
	return true;
}

/* The line at s without its end, n bytes at most. *ret_all: with it. False: it is not whole yet. */
static bool line_bounds(const char *s, size_t n, bool last, size_t *ret_n, size_t *ret_all)
{
	const char *end = memchr(s, '\n', n);

	if (!end && !last && n < SCAN_LINE)
		return false;
	*ret_n = end ? (size_t)(end - s) : n;
	*ret_all = *ret_n + (end != NULL);
	if (*ret_n > SCAN_LINE)
		*ret_n = *ret_all = SCAN_LINE;
	return true;
}

static bool ends_softly(const char *s, size_t n)
{
	n -= n > 0 && s[n - 1] == '\r';
	return n > 60 && s[n - 1] == '=' && s[n - 2] != '=';
}

/* Where quoted-printable text is near: this line and those that soft breaks make one with it.
 * *ret_used: 0 when they are not all there yet. */
static int coded_line(
	struct lockdag_kernel_scanner *k, const char *s, size_t n, bool last, size_t *ret_used)
{
	size_t one, all, used = 0;
	uint64_t lines = 0;
	int r;

	*ret_used = 0;
	k->torn.n = 0;
	do {
		if (!line_bounds(s + used, n - used, last, &one, &all))
			return 0;
		if (lines > 0)
			k->torn.n -= k->torn.s[k->torn.n - 1] == '\r' ? 2 : 1;
		lockdag_text_add_n(&k->torn, s + used, one);
		used += all;
		lines += all > one;
	} while (!k->torn.failed && lines < 4 && used < n && all > one &&
		 ends_softly(k->torn.s, k->torn.n));
	if (k->torn.failed)
		return -ENOMEM;
	if (!last && lines < 4 && used == n && ends_softly(k->torn.s, k->torn.n))
		return 0; /* its next line is still to come */
	r = line_take(k, k->torn.s, k->torn.n);
	k->line += lines;
	*ret_used = used;
	return r;
}

static int plain_line(
	struct lockdag_kernel_scanner *k, const char *s, size_t n, bool last, size_t *ret_used)
{
	size_t one, all;
	int r;

	*ret_used = 0;
	if (!line_bounds(s, n, last, &one, &all))
		return 0;
	r = line_take(k, s, one);
	if (all != one)
		k->split = SPLIT_NOT;
	k->line += all > one;
	*ret_used = all;
	return r;
}

/* Whole lines of [s, s + n). *ret_used: bytes that are done with; the rest is a line's start. */
static int scan_lines(
	struct lockdag_kernel_scanner *k, const char *s, size_t n, bool last, size_t *ret_used)
{
	size_t at = 0, used;
	int r = 0;

	while (r == 0 && at < n) {
		bool coded = k->line <= k->coded;

		if (k->n_open == 0 && !k->proc && !coded && !skip_to_anchor(k, s, n, &at))
			break;
		r = (coded ? coded_line : plain_line)(k, s + at, n - at, last, &used);
		if (used == 0)
			break;
		at += used;
	}
	/* a line without end: what an anchor may still begin in is kept */
	if (!last && n - at > SCAN_LINE)
		at = n - ANCHOR_LONGEST;
	*ret_used = at;
	return r;
}

static int scan_text(void *context, const char *s, size_t n, bool last)
{
	struct lockdag_kernel_scanner *k = context;
	size_t used;
	int r;

	if (k->bytes.n + n > k->bytes.cap) {
		size_t cap = k->bytes.n + n + SCAN_LINE;
		char *grown = realloc(k->bytes.items, cap);

		if (!grown)
			return -ENOMEM;
		k->bytes.items = grown;
		k->bytes.cap = cap;
	}
	if (n)
		memcpy(k->bytes.items + k->bytes.n, s, n);
	k->bytes.n += n;
	if (k->bytes.n == 0)
		return 0;
	r = scan_lines(k, k->bytes.items, k->bytes.n, last, &used);
	k->bytes.n -= used;
	memmove(k->bytes.items, k->bytes.items + used, k->bytes.n);
	return r;
}

/* ------------------------------------------------------------------ the door */

int lockdag_kernel_begin(struct lockdag_kernel_scanner *k, const char *file)
{
	int r = lockdag_kernel_end(k);

	if (r < 0)
		return r;
	k->file = strdup(file);
	k->line = 1;
	k->coded = 0;
	k->split = SPLIT_NOT;
	k->flow = false;
	k->seen = (struct seen){0};
	return k->file ? 0 : -ENOMEM;
}

int lockdag_kernel_feed(struct lockdag_kernel_scanner *k, const void *bytes, size_t n)
{
	if (!k->file)
		return -EINVAL;
	return mail_feed(&k->mail, bytes, n, scan_text, k);
}

int lockdag_kernel_flush(struct lockdag_kernel_scanner *k)
{
	for (size_t i = k->n_open; i-- > 0;) {
		struct block *block = k->open[i];
		struct lockdag_splat *splat;
		bool whole;
		int r = block_read(block, k->file, &splat);

		if (r < 0)
			return r;
		whole = splat && splat->complete;
		lockdag_splat_free(splat);
		if (whole || ++block->idle >= SCAN_PATIENCE)
			r = close_block(k, i);
		if (r < 0)
			return r;
	}
	return 0;
}

int lockdag_kernel_end(struct lockdag_kernel_scanner *k)
{
	int r = 0;

	if (!k->file)
		return 0;
	r = mail_end(&k->mail, scan_text, k);
	if (r == 0)
		r = scan_text(k, NULL, 0, true);
	k->bytes.n = 0;
	if (r == 0)
		r = close_all(k);
	if (r == 0 && k->proc) {
		struct lockdag_kgraph *graph = proc_take(k->proc, k->file);

		r = graph ? k->sink.graph(k->sink.context, graph) : -ENOMEM;
	}
	while (k->n_open > 0)
		block_free(k->open[--k->n_open]);
	proc_free(k->proc);
	k->proc = NULL;
	notes_clear(k);
	free(k->file);
	k->file = NULL;
	return r;
}

void lockdag_kernel_close(struct lockdag_kernel_scanner *k)
{
	if (!k)
		return;
	while (k->n_open > 0)
		block_free(k->open[--k->n_open]);
	proc_free(k->proc);
	notes_clear(k);
	lockdag_vec_clear(&k->bytes);
	lockdag_text_clear(&k->piece);
	lockdag_text_clear(&k->torn);
	free(k->file);
	free(k);
}
