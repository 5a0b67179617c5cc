/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cli/cli.h"
#include "cli/name.h"
#include "cli/progress.h"
#include "cli/name_file.h"

#define NAME_KEY_FRAMES 4 /* of a birth that has no better key than where it was */

/* "module+0x12" */
static void name_place(const struct cli_loaded *l, uint64_t frame, char *buffer, size_t size)
{
	struct lockdag_session_module module;

	if (lockdag_session_module(l->source->session, LOCKDAG_FRAME_MODULE(frame), &module))
		snprintf(buffer, size, "%s+0x%" PRIx64, cli_base_name(module.path),
			LOCKDAG_FRAME_OFFSET(frame));
	else
		snprintf(buffer, size, "0x%" PRIx64, LOCKDAG_FRAME_OFFSET(frame));
}

/* ------------------------------------------------------------------ static locks */

static int name_static(
	struct cli_loaded *l, uint32_t key, const struct lockdag_session_key *row, unsigned type)
{
	struct cli_known *known = cli_source_known(&l->source->keys, key);
	uint32_t lock = l->locks.rows[key];
	char place[600], name[640];
	int module, r = -ENOENT;

	if (!known)
		return -ENOMEM;
	module = cli_source_module(l->source, l->symbols, LOCKDAG_FRAME_MODULE(row->place));
	if (!known->known && module >= 0) {
		r = lockdag_symbols_variable(
			l->symbols, module, LOCKDAG_FRAME_OFFSET(row->place), &known->name);
		if (r < 0)
			known->name = (struct lockdag_symbols_name){0};
	}
	known->known = true;
	if (known->name.name && type == LOCKDAG_LOCK_STREAM) { /* stdin, stdout, stderr */
		const char *stream = strstr(known->name.name, "_IO_2_1_");

		if (stream) {
			snprintf(name, sizeof(name), "%s", stream + strlen("_IO_2_1_"));
			name[strcspn(name, "_")] = 0;
			return lockdag_model_name_lock(l->model, lock, name, name, name, NULL);
		}
	}
	if (known->name.name && known->name.key)
		return lockdag_model_name_lock(l->model, lock, known->name.name, known->name.key,
			known->name.class_name, known->name.where);
	name_place(l, row->place, place, sizeof(place));
	snprintf(name, sizeof(name), "%s at %s", lockdag_lock_type_word(type), place);
	return lockdag_model_name_lock(l->model, lock, name, place, name, NULL);
}

/* ------------------------------------------------------------------ births */

/* Load bases of the modules known in a process, as symbols wants them. */
typedef struct lockdag_symbols_module_base name_base;

static int name_bases(
	struct cli_loaded *l, uint32_t process, name_base *bases, size_t max, size_t *ret_n)
{
	uint32_t n = lockdag_session_n_modules(l->source->session);
	struct lockdag_session_module row;
	size_t n_bases = 0;

	for (uint32_t i = 0; i < n && n_bases < max; i++) {
		int module;

		if (!lockdag_session_module(l->source->session, i, &row) ||
			!cli_source_inherits(l->source, process, row.process))
			continue;
		module = cli_source_module(l->source, l->symbols, i);
		if (module >= 0)
			bases[n_bases++] = (name_base){module, row.base};
	}
	*ret_n = n_bases;
	return 0;
}

static void name_snapshot(struct cli_loaded *l, const struct lockdag_session_class *row,
	struct lockdag_session_snapshot *saved, struct lockdag_symbols_snapshot *ret)
{
	*ret = (struct lockdag_symbols_snapshot){0};
	if (row->snapshot && lockdag_session_snapshot(l->source->session, row->snapshot, saved)) {
		ret->lock = saved->lock;
		ret->rbx = saved->rbx;
		ret->rbp = saved->rbp;
		ret->rsp = saved->rsp;
		ret->r12 = saved->r12;
		ret->r13 = saved->r13;
		ret->r14 = saved->r14;
		ret->r15 = saved->r15;
		ret->n_words = saved->n_words < LOCKDAG_SNAPSHOT_WORDS ? saved->n_words
								       : LOCKDAG_SNAPSHOT_WORDS;
		ret->words = saved->words;
	}
	for (size_t i = 0; i < row->n_frames && i < LOCKDAG_SNAPSHOT_FRAMES; i++) {
		ret->frames[i].module = cli_source_module(
			l->source, l->symbols, LOCKDAG_FRAME_MODULE(row->frames[i]));
		ret->frames[i].offset = LOCKDAG_FRAME_OFFSET(row->frames[i]);
		ret->n_frames++;
	}
}

int cli_name_ask(struct cli_loaded *l, const struct lockdag_session_class *row,
	struct lockdag_symbols_name *ret)
{
	name_base bases[512];
	struct lockdag_session_snapshot saved;
	struct lockdag_symbols_snapshot snapshot;

	name_snapshot(l, row, &saved, &snapshot);
	name_bases(l, row->process, bases, LOCKDAG_ARRAY_SIZE(bases), &snapshot.n_modules);
	snapshot.modules = bases;
	return lockdag_symbols_lock_name(l->symbols, &snapshot, row->how == LOCKDAG_CLASS_INIT,
		lockdag_lock_type_word(row->type), ret);
}

/* A key by place: births that nobody can name are not to be merged. */
static char *name_place_key(const struct cli_loaded *l, const struct lockdag_session_class *row)
{
	struct lockdag_text key = {0};
	char place[600];

	for (size_t i = 0; i < row->n_frames && i < NAME_KEY_FRAMES; i++) {
		name_place(l, row->frames[i], place, sizeof(place));
		lockdag_text_addf(&key, "%s%s", i ? "<" : "", place);
	}
	return lockdag_text_take(&key);
}

/* Is the key nothing but a place in code ("tool!helper+0x2c")? Every lock that a helper function
 * makes has that, whoever called the helper. */
static bool name_is_by_site(const char *key)
{
	const char *plus = key ? strrchr(key, '+') : NULL;

	return !key || (plus && !strncmp(plus, "+0x", 3) && !strchr(plus, '.'));
}

/* The function that called `function`, as the birth's frames have it; NULL: not there. */
static const char *name_caller(struct cli_loaded *l, const struct lockdag_session_class *row,
	const char *function, size_t n)
{
	struct lockdag_frame frames[LOCKDAG_MAX_INLINE];
	bool found = false;

	for (size_t i = 0; i < row->n_frames && i < LOCKDAG_CLASS_FRAMES; i++) {
		int module = cli_source_module(
			l->source, l->symbols, LOCKDAG_FRAME_MODULE(row->frames[i]));
		int n_frames = module < 0 ? 0
					  : lockdag_symbols_frames(l->symbols, module,
						    LOCKDAG_FRAME_OFFSET(row->frames[i]), true,
						    frames, LOCKDAG_MAX_INLINE);

		for (int k = 0; k < n_frames; k++) {
			if (!frames[k].function)
				continue;
			if (found)
				return frames[k].function;
			found = !strncmp(frames[k].function, function, n) && !frames[k].function[n];
		}
	}
	return NULL;
}

/* "mutex initialised at x.c:3 (helper)" -> "... (helper, called by user)", so that the classes that
 * one helper makes can be told apart. The caller frees it; NULL: no memory. */
static char *name_with_caller(
	struct cli_loaded *l, const struct lockdag_session_class *row, const char *name)
{
	const char *open = strrchr(name, '('), *caller = NULL;
	size_t n = strlen(name);

	if (open && n && name[n - 1] == ')')
		caller = name_caller(l, row, open + 1, strlen(open + 1) - 1);
	if (!caller)
		return strdup(name);
	return lockdag_textf("%.*s, called by %s)", (int)n - 1, name, caller);
}

static int name_birth_by_site(struct cli_loaded *l, uint32_t birth,
	const struct lockdag_session_class *row, const char *name, const char *where)
{
	char *key = name_place_key(l, row), *longer = name ? name_with_caller(l, row, name) : NULL;
	int r = -ENOMEM;

	if (key && (longer || !name))
		r = lockdag_model_name_birth(l->model, birth, longer, *key ? key : NULL, where);
	free(key);
	free(longer);
	return r;
}

static int name_birth(struct cli_loaded *l, uint32_t class_id, uint32_t birth)
{
	struct cli_known *known = cli_source_known(&l->source->classes, class_id);
	struct lockdag_session_class row;
	const char *name;

	if (!known)
		return -ENOMEM;
	if (!lockdag_session_class(l->source->session, class_id, &row))
		return 0;
	if (!known->known && cli_name_ask(l, &row, &known->name) < 0)
		known->name = (struct lockdag_symbols_name){0};
	known->known = true;
	name = known->name.class_name ? known->name.class_name : known->name.name;
	if (name_is_by_site(known->name.key))
		return name_birth_by_site(l, birth, &row, name, known->name.where);
	return lockdag_model_name_birth(l->model, birth, name, known->name.key, known->name.where);
}

/* The lock whose birth was saved has a name of its own ("accounts[0].lock"). */
static int name_first_of_birth(struct cli_loaded *l, uint32_t class_id,
	const struct lockdag_session_key *key, uint32_t lock)
{
	const struct cli_known *known = &l->source->classes.items[class_id];
	struct lockdag_session_snapshot saved;
	struct lockdag_session_class row;

	if (!known->name.name || !known->name.class_name ||
		!strcmp(known->name.name, known->name.class_name) ||
		(key->flags & LOCKDAG_KEY_IS_MANY))
		return 0;
	if (!lockdag_session_class(l->source->session, class_id, &row) || !row.snapshot ||
		!lockdag_session_snapshot(l->source->session, row.snapshot, &saved) ||
		saved.lock != key->address)
		return 0;
	return lockdag_model_name_lock(l->model, lock, known->name.name, NULL, NULL, NULL);
}

/* ------------------------------------------------------------------ all */

static int name_lock(struct cli_loaded *l, uint32_t key, uint32_t lock, bool *named)
{
	uint32_t birth = l->model->locks.items[lock].birth;
	struct lockdag_session_key row;
	int r = 0;

	if (!lockdag_session_key(l->source->session, key, &row) || row.level)
		return 0;
	if (l->model->births.items[birth].how == LOCKDAG_BIRTH_NAMED) /* the program has said it */
		return 0;
	if (l->model->births.items[birth].type == LOCKDAG_LOCK_FILE)
		return cli_name_file(l, key, &row, lock);
	if (row.place)
		return name_static(l, key, &row, l->model->births.items[birth].type);
	if (!named[birth])
		r = name_birth(l, row.class_id, birth);
	named[birth] = true;
	return r < 0 ? r : name_first_of_birth(l, row.class_id, &row, lock);
}

/* A pool of the program's own has the name of its queue's event, which has its name already. */
static int name_pool(struct cli_loaded *l, uint32_t key, uint32_t lock)
{
	const struct lockdag_lock *queue;
	struct lockdag_session_key row;
	char buffer[640];
	char *name, *unique;
	uint32_t of;
	int r = -ENOMEM;

	if (l->model->births.items[l->model->locks.items[lock].birth].type != LOCKDAG_LOCK_POOL ||
		!lockdag_session_key(l->source->session, key, &row) || !row.with)
		return 0;
	of = cli_map_at(&l->locks, row.with - 1);
	if (of == LOCKDAG_NONE)
		return 0;
	queue = &l->model->locks.items[of];
	unique = lockdag_textf("pool:%s", queue->key ? queue->key
				: l->model->births.items[queue->birth].key
					? l->model->births.items[queue->birth].key
					: "");
	name = lockdag_textf("%s", lockdag_model_lock_name(l->model, of, buffer, sizeof(buffer)));
	if (unique && name)
		r = lockdag_model_name_lock(l->model, lock, name, unique, name, queue->where);
	free(unique);
	free(name);
	return r;
}

int cli_name(struct cli_loaded *l)
{
	bool *named = calloc(l->model->births.n + 1, sizeof(*named));
	int r = named ? 0 : -ENOMEM;

	for (uint32_t i = 0; r == 0 && i < l->locks.n; i++) {
		uint32_t lock = l->locks.rows[i];

		cli_progress("naming locks", i, l->locks.n);
		if (lock != LOCKDAG_NONE && lock < l->nested.n && l->nested.items[lock])
			r = name_lock(l, i, lock, named);
	}
	for (uint32_t i = 0; r == 0 && i < l->locks.n; i++) {
		uint32_t lock = l->locks.rows[i];

		if (lock != LOCKDAG_NONE && lock < l->nested.n && l->nested.items[lock])
			r = name_pool(l, i, lock);
	}
	free(named);
	return r;
}
