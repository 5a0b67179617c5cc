/* SPDX-License-Identifier: MIT */
#include "subject.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

char *subject_read_command(const char *command)
{
	size_t n = 0, cap = 1 << 16, got;
	FILE *pipe = popen(command, "r");
	char *text = malloc(cap);

	assert_non_null(pipe);
	assert_non_null(text);
	while ((got = fread(text + n, 1, cap - n - 1, pipe)) > 0) {
		n += got;
		if (cap - n < 4096) {
			text = realloc(text, cap *= 2);
			assert_non_null(text);
		}
	}
	text[n] = 0;
	pclose(pipe);
	return text;
}

void subject_init(struct subject *u, const char *path, const struct lockdag_symbols_options *o)
{
	*u = (struct subject){.path = path};
	assert_int_equal(lockdag_symbols_new(o, &u->s), 0);
	u->module = lockdag_symbols_add_module(u->s, path, NULL);
	assert_true(u->module >= 0);
	u->text = u->at = subject_read_command(path);
	assert_true(*u->text); /* it ran */
}

void subject_done(struct subject *u)
{
	lockdag_symbols_free(u->s);
	free(u->text);
}

static void subject_module(struct subject *u)
{
	struct lockdag_symbols_module_base *base = &u->bases[u->n_bases];

	if (u->n_bases == LOCKDAG_ARRAY_SIZE(u->bases))
		return;
	base->base = subject_hex(u, 1);
	base->module = strcmp(u->fields[2], "-")
			       ? lockdag_symbols_add_module(u->s, u->fields[2], NULL)
			       : u->module;
	u->n_bases++;
}

bool subject_line(struct subject *u)
{
	char *line = u->at, *end;

	if (!*line)
		return false;
	end = line + strcspn(line, "\n");
	u->at = *end ? end + 1 : end;
	*end = 0;
	u->n_fields = 0;
	while (line && u->n_fields < LOCKDAG_ARRAY_SIZE(u->fields)) {
		u->fields[u->n_fields++] = line;
		line = strchr(line, '\t');
		if (line)
			*line++ = 0;
	}
	if (u->fields[0][0] == 'm')
		subject_module(u);
	return true;
}

uint64_t subject_hex(const struct subject *u, size_t field)
{
	assert_true(field < u->n_fields);
	return strtoull(u->fields[field], NULL, 16);
}

void subject_snapshot(
	const struct subject *u, struct lockdag_symbols_snapshot *snapshot, uint64_t *words)
{
	char *at = u->fields[13], *end;
	size_t n = 0;

	assert_int_equal(u->n_fields, 14);
	while (n < LOCKDAG_SNAPSHOT_WORDS) {
		words[n] = strtoull(at, &end, 16);
		if (end == at)
			break;
		at = end;
		n++;
	}
	*snapshot = (struct lockdag_symbols_snapshot){
		.lock = subject_hex(u, 5),
		.rbx = subject_hex(u, 6),
		.rbp = subject_hex(u, 7),
		.rsp = subject_hex(u, 8),
		.r12 = subject_hex(u, 9),
		.r13 = subject_hex(u, 10),
		.r14 = subject_hex(u, 11),
		.r15 = subject_hex(u, 12),
		.n_words = n,
		.words = words,
		.n_frames = 1,
		.n_modules = u->n_bases,
		.modules = u->bases,
	};
	snapshot->frames[0].module = u->module;
	snapshot->frames[0].offset = subject_hex(u, 4) - u->bases[0].base;
}
