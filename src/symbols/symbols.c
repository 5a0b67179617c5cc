/* SPDX-License-Identifier: MIT
 *
 * The room's object: its modules and its strings.
 */
#include "internal.h"

#include "base/hash.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int lockdag_symbols_new(
	const struct lockdag_symbols_options *options, struct lockdag_symbols **ret_symbols)
{
	struct lockdag_symbols *s = calloc(1, sizeof(*s));

	if (!s)
		return -ENOMEM;
	s->n_buckets = 1024;
	s->buckets = calloc(s->n_buckets, sizeof(*s->buckets));
	if (options && options->source_prefix)
		s->source_prefix = strdup(options->source_prefix);
	if (options && options->debuginfod && *options->debuginfod)
		s->servers = (struct sym_servers){.urls = strdup(options->debuginfod),
			.later = options->debuginfod_later,
			.waiting = options->waiting,
			.context = options->context};
	if (!s->buckets || (options && options->source_prefix && !s->source_prefix)) {
		lockdag_symbols_free(s);
		return -ENOMEM;
	}
	elf_version(EV_CURRENT);
	*ret_symbols = s;
	return 0;
}

void lockdag_symbols_free(struct lockdag_symbols *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->modules.n; i++)
		sym_module_free(s->modules.items[i]);
	lockdag_vec_clear(&s->modules);
	for (size_t i = 0; i < s->sources.n; i++) {
		free(s->sources.items[i]->text);
		lockdag_vec_clear(&s->sources.items[i]->lines);
		free(s->sources.items[i]);
	}
	lockdag_vec_clear(&s->sources);
	sym_calls_forget(s);
	lockdag_vec_clear(&s->type_names);
	for (size_t i = 0; s->buckets && i < s->n_buckets; i++) {
		while (s->buckets[i]) {
			struct sym_string *next = s->buckets[i]->next;

			free(s->buckets[i]);
			s->buckets[i] = next;
		}
	}
	free(s->buckets);
	sym_servers_done(&s->servers);
	free(s->source_prefix);
	free(s);
}

static bool symbols_same(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

int lockdag_symbols_add_module(struct lockdag_symbols *s, const char *path, const char *build_id)
{
	struct sym_module *m, **place;

	if (build_id && !*build_id)
		build_id = NULL;
	for (size_t i = 0; i < s->modules.n; i++) {
		m = s->modules.items[i];
		if (!strcmp(m->path, path) && symbols_same(m->build_id, build_id))
			return (int)i;
	}
	m = calloc(1, sizeof(*m));
	if (!m)
		return -ENOMEM;
	m->of = s;
	m->fd = m->debug_fd = m->alt_fd = -1;
	m->path = strdup(path);
	m->build_id = build_id ? strdup(build_id) : NULL;
	m->name = sym_string(s, sym_base_name(path));
	place = NULL;
	if (m->path && m->name && (!build_id || m->build_id))
		place = lockdag_vec_push(&s->modules);
	if (!place) {
		sym_module_free(m);
		return -ENOMEM;
	}
	*place = m;
	return (int)(s->modules.n - 1);
}

struct sym_module *sym_module(struct lockdag_symbols *s, int module)
{
	if (module < 0 || (size_t)module >= s->modules.n)
		return NULL;
	sym_module_open(s->modules.items[module]);
	return s->modules.items[module];
}

const char *sym_base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static void symbols_grow(struct lockdag_symbols *s)
{
	size_t n = s->n_buckets * 4;
	struct sym_string **buckets = calloc(n, sizeof(*buckets));

	if (!buckets)
		return; /* longer chains are slower, not wrong */
	for (size_t i = 0; i < s->n_buckets; i++) {
		while (s->buckets[i]) {
			struct sym_string *string = s->buckets[i];

			s->buckets[i] = string->next;
			string->next = buckets[string->hash % n];
			buckets[string->hash % n] = string;
		}
	}
	free(s->buckets);
	s->buckets = buckets;
	s->n_buckets = n;
}

const char *sym_string_n(struct lockdag_symbols *s, const char *text, size_t n)
{
	uint64_t hash = lockdag_hash_mix(lockdag_hash_bytes(LOCKDAG_HASH_SEED, text, n));
	struct sym_string *string;

	for (string = s->buckets[hash % s->n_buckets]; string; string = string->next) {
		if (string->hash == hash && !strncmp(string->s, text, n) && !string->s[n])
			return string->s;
	}
	string = malloc(sizeof(*string) + n + 1);
	if (!string)
		return NULL;
	if (s->n_strings++ > s->n_buckets * 2)
		symbols_grow(s);
	string->hash = hash;
	memcpy(string->s, text, n);
	string->s[n] = 0;
	string->next = s->buckets[hash % s->n_buckets];
	s->buckets[hash % s->n_buckets] = string;
	return string->s;
}

const char *sym_string(struct lockdag_symbols *s, const char *text)
{
	return text ? sym_string_n(s, text, strlen(text)) : NULL;
}

const char *sym_string_take(struct lockdag_symbols *s, struct lockdag_text *t)
{
	const char *string = t->failed || !t->s ? NULL : sym_string_n(s, t->s, t->n);

	lockdag_text_clear(t);
	return string;
}

const char *sym_stringf(struct lockdag_symbols *s, const char *fmt, ...)
{
	struct lockdag_text t = {0};
	char small[256];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(small, sizeof(small), fmt, ap);
	va_end(ap);
	if (n < 0)
		return NULL;
	if ((size_t)n < sizeof(small))
		return sym_string_n(s, small, (size_t)n);
	t.s = malloc((size_t)n + 1);
	if (!t.s)
		return NULL;
	va_start(ap, fmt);
	vsnprintf(t.s, (size_t)n + 1, fmt, ap);
	va_end(ap);
	t.n = (size_t)n;
	return sym_string_take(s, &t);
}
