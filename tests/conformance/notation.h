/* SPDX-License-Identifier: MIT
 *
 * The notation of rows.txt, for C and C++. A row's parts, split by `|`, are threads 1, 2, ...; a
 * part is a list of steps split by blanks:
 *
 *	A  X2		asks for lock A, or for instance 2 of class X, in the way of the column
 *	wA  rA		writes, reads (columns of reader-writer locks)
 *	tA		tries
 *	sA  lA		with a time-out of one second, of a minute
 *	-A		releases (what is still held at the end of a part is released there, last
 *first) .		releases all, last first new2  join2	creates and joins thread 2, which
 *without `new` is there from the start to2		lets thread 2 run its part (or up to its
 *next `back`), in no order that counts back		lets the one go on that said `to`
 *
 *	in1		as the first step of a part: all of it is done by the handler of signal 1 (or 2),
 *			which the part's thread sends itself; in the handler of 1 both are blocked
 *	block1 unblock1	from here on signal 1 (or 2) cannot come to this thread, or can
 *
 * M and N are plain mutexes in every column. The parts are run one after another, by no
 * synchronisation that a validator knows of, so that no hazard happens.
 */
#ifndef LOCKDAG_TESTS_NOTATION_H
#define LOCKDAG_TESTS_NOTATION_H

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define NOTATION_LETTERS "ABCDEFGHMNXYZ"
#define NOTATION_N_LETTERS 13
#define NOTATION_N_INSTANCES 4
#define NOTATION_N_LOCKS (NOTATION_N_LETTERS * NOTATION_N_INSTANCES)
#define NOTATION_N_THREADS 8 /* thread 0 starts the others and is no part */
#define NOTATION_N_STEPS 64

enum notation_do {
	NOTATION_LOCK,
	NOTATION_TRY,
	NOTATION_SHORT,
	NOTATION_LONG,
	NOTATION_UNLOCK,
	NOTATION_UNLOCK_ALL,
	NOTATION_NEW,
	NOTATION_JOIN,
	NOTATION_TO,
	NOTATION_BACK,
	NOTATION_IN,
	NOTATION_BLOCK,
	NOTATION_UNBLOCK
};

#define NOTATION_N_SIGNALS 2

enum notation_way { NOTATION_COLUMN, NOTATION_WRITE, NOTATION_READ };

struct notation_step {
	enum notation_do what;
	enum notation_way way;
	unsigned lock;   /* letter * NOTATION_N_INSTANCES + instance */
	unsigned thread; /* of new, join, to */
	unsigned signal; /* of in, block, unblock */
};

struct notation {
	unsigned n_threads; /* with thread 0 */
	unsigned n_steps[NOTATION_N_THREADS];
	struct notation_step steps[NOTATION_N_THREADS][NOTATION_N_STEPS];
	unsigned creator[NOTATION_N_THREADS], joiner[NOTATION_N_THREADS]; /* 0: nobody says */
	bool handled[NOTATION_N_SIGNALS + 1]; /* a part is done by its handler */
};

static inline char notation_letter(unsigned lock)
{
	return NOTATION_LETTERS[lock / NOTATION_N_INSTANCES];
}

static inline bool notation_is_plain(unsigned lock) /* a plain mutex, whatever the column? */
{
	return notation_letter(lock) == 'M' || notation_letter(lock) == 'N';
}

static inline bool notation_lock(const char *word, struct notation_step *step)
{
	const char *letter = strchr(NOTATION_LETTERS, word[0]);

	if (!word[0] || !letter)
		return false;
	step->lock = (unsigned)(letter - NOTATION_LETTERS) * NOTATION_N_INSTANCES;
	if (word[1] >= '0' && word[1] < '0' + NOTATION_N_INSTANCES && !word[2])
		step->lock += (unsigned)(word[1] - '0');
	else if (word[1])
		return false;
	return true;
}

static inline bool notation_thread(const char *number, struct notation_step *step)
{
	step->thread = (unsigned)(number[0] - '0');
	return step->thread > 0 && step->thread < NOTATION_N_THREADS && !number[1];
}

static inline bool notation_signal(const char *word, struct notation_step *step)
{
	static const struct {
		const char *word;
		enum notation_do what;
	} words[] = {{"in", NOTATION_IN}, {"block", NOTATION_BLOCK}, {"unblock", NOTATION_UNBLOCK}};

	for (unsigned i = 0; i < 3; i++) {
		size_t n = strlen(words[i].word);

		if (strncmp(word, words[i].word, n) || (word[n] != '1' && word[n] != '2') ||
			word[n + 1])
			continue;
		step->what = words[i].what;
		step->signal = (unsigned)(word[n] - '0');
		return true;
	}
	return false;
}

static inline bool notation_step(const char *word, struct notation_step *step)
{
	memset(step, 0, sizeof(*step));
	if (notation_signal(word, step))
		return true;
	if (!strncmp(word, "new", 3) || !strncmp(word, "join", 4) || !strncmp(word, "to", 2)) {
		step->what = word[0] == 'n'   ? NOTATION_NEW
			     : word[0] == 'j' ? NOTATION_JOIN
					      : NOTATION_TO;
		return notation_thread(word + strcspn(word, "12345678"), step);
	}
	if (!strcmp(word, "back") || !strcmp(word, ".")) {
		step->what = word[0] == 'b' ? NOTATION_BACK : NOTATION_UNLOCK_ALL;
		return true;
	}
	step->what = word[0] == 't'   ? NOTATION_TRY
		     : word[0] == 's' ? NOTATION_SHORT
		     : word[0] == 'l' ? NOTATION_LONG
		     : word[0] == '-' ? NOTATION_UNLOCK
				      : NOTATION_LOCK;
	word += step->what != NOTATION_LOCK;
	step->way = word[0] == 'w'   ? NOTATION_WRITE
		    : word[0] == 'r' ? NOTATION_READ
				     : NOTATION_COLUMN;
	return notation_lock(word + (step->way != NOTATION_COLUMN), step);
}

/* False for text that is not of this form. */
static inline bool notation_parse(const char *text, struct notation *n)
{
	char *copy = strdup(text), *rest = NULL;
	bool ok = copy;

	memset(n, 0, sizeof(*n));
	n->n_threads = 2;
	for (char *word = strtok_r(copy, " ", &rest); ok && word;
		word = strtok_r(NULL, " ", &rest)) {
		unsigned t = n->n_threads - 1;
		struct notation_step *step = &n->steps[t][n->n_steps[t]];

		if (!strcmp(word, "|")) {
			ok = n->n_threads++ < NOTATION_N_THREADS;
			continue;
		}
		ok = n->n_steps[t] < NOTATION_N_STEPS && notation_step(word, step);
		n->n_steps[t]++;
		if (ok && step->what == NOTATION_IN) {
			ok = n->n_steps[t] == 1;
			n->handled[step->signal] = true;
		}
		if (ok && step->what == NOTATION_NEW)
			n->creator[step->thread] = t;
		if (ok && step->what == NOTATION_JOIN)
			n->joiner[step->thread] = t;
	}
	free(copy);
	return ok;
}

#endif
