/* SPDX-License-Identifier: MIT
 *
 * symbols against programs that know what they are called.
 */
#include "subject.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* Calls check for every subject of a kind; returns how many there are. */
static int for_each_subject(const char *kind, void (*check)(const char *path))
{
	FILE *list = fopen(SUBJECTS "/list", "r");
	char word[32], path[4096];
	int n = 0;

	assert_non_null(list);
	while (fscanf(list, "%31s %4095s", word, path) == 2) {
		if (!strcmp(word, kind)) {
			check(path);
			n++;
		}
	}
	fclose(list);
	return n;
}

static const char *behind_module(const char *key)
{
	const char *mark = key ? strchr(key, '!') : NULL;

	return mark ? mark + 1 : key ? key : "";
}

static void check_statics(const char *path)
{
	struct lockdag_symbols_name name;
	struct subject u;
	int n = 0;

	subject_init(&u, path, NULL);
	while (subject_line(&u)) {
		const char *kind = u.fields[0];

		if (strcmp(kind, "v") && strcmp(kind, "k"))
			continue;
		n++;
		if (lockdag_symbols_variable(u.s, u.module, subject_hex(&u, 1), &name))
			fail_msg("%s: no variable for %s", path, u.fields[2]);
		if (*kind == 'k') {
			assert_string_equal(behind_module(name.key), u.fields[2]);
			continue;
		}
		if (strcmp(name.name, u.fields[2]) || strcmp(name.class_name, u.fields[3]))
			fail_msg("%s: %s (%s), not %s (%s)", path, name.name, name.class_name,
				u.fields[2], u.fields[3]);
		assert_non_null(name.where);
		assert_true(!strncmp(name.where, "statics", 7));
	}
	assert_true(n > 10);
	subject_done(&u);
}

static void test_statics(void **state)
{
	(void)state;
	assert_true(for_each_subject("statics", check_statics) >= 4);
}

/* Symbols only: the variable and an offset; a stripped program: nothing, and no failure. */
static void check_bare(const char *path)
{
	struct lockdag_symbols_name name;
	struct subject u;
	size_t n;

	subject_init(&u, path, NULL);
	while (subject_line(&u)) {
		if (strcmp(u.fields[0], "v"))
			continue;
		n = strcspn(u.fields[2], "[.");
		assert_int_equal(
			lockdag_symbols_variable(u.s, u.module, subject_hex(&u, 1), &name), 0);
		if (strstr(u.fields[2], "::"))
			continue; /* C's m.0: whose, no symbol says */
		assert_int_equal(strncmp(name.name, u.fields[2], n), 0);
		assert_true(!name.name[n] || strchr("+#", name.name[n]));
	}
	subject_done(&u);
}

static void check_stripped(const char *path)
{
	struct lockdag_symbols_name name;
	struct lockdag_frame frames[4];
	struct subject u;

	subject_init(&u, path, NULL);
	while (subject_line(&u)) {
		if (!strcmp(u.fields[0], "v"))
			assert_int_equal(
				lockdag_symbols_variable(u.s, u.module, subject_hex(&u, 1), &name),
				-ENOENT);
	}
	assert_int_equal(lockdag_symbols_frames(u.s, u.module, 0x1234, true, frames, 4), 1);
	assert_null(frames[0].function);
	assert_null(frames[0].file);
	assert_string_equal(frames[0].module, strrchr(path, '/') + 1);
	assert_int_equal(frames[0].offset, 0x1234);
	subject_done(&u);
}

static void test_without_dwarf(void **state)
{
	(void)state;
	assert_int_equal(for_each_subject("bare", check_bare), 1);
	assert_int_equal(for_each_subject("stripped", check_stripped), 1);
}

struct score {
	int all, keys, names, wrong;
};

static void score_locks(const char *path, struct score *score)
{
	uint64_t words[LOCKDAG_SNAPSHOT_WORDS];
	struct lockdag_symbols_snapshot snapshot;
	struct lockdag_symbols_name name;
	struct subject u;

	*score = (struct score){0};
	subject_init(&u, path, NULL);
	while (subject_line(&u)) {
		const char *key;

		if (strcmp(u.fields[0], "s") || !strcmp(u.fields[3], "-"))
			continue;
		subject_snapshot(&u, &snapshot, words);
		assert_int_equal(lockdag_symbols_lock_name(u.s, &snapshot,
					 !strcmp(u.fields[1], "init"), "mutex", &name),
			0);
		assert_non_null(name.name);
		assert_non_null(name.key);
		key = behind_module(name.key);
		score->all++;
		if (!strcmp(key, u.fields[3]))
			score->keys++;
		else if (!strstr(key, "+0x"))
			score->wrong++;
		if (!strcmp(u.fields[2], "-") || !strcmp(u.fields[2], name.name))
			score->names++;
		if (strcmp(key, u.fields[3]))
			print_message("%s: %s | %s at %s, not %s\n", strrchr(path, '/') + 1,
				name.name, name.key, name.where, u.fields[3]);
	}
	subject_done(&u);
}

static void check_locks(const char *path)
{
	struct score score;

	score_locks(path, &score);
	print_message("%s: %d keys and %d names of %d\n", strrchr(path, '/') + 1, score.keys,
		score.names, score.all);
	assert_true(score.all >= 15);
	assert_int_equal(score.wrong, 0);
	/* Heuristics on compilers' output: one miss is no fault, a drop is. */
	assert_true(score.keys >= score.all - 1);
	assert_true(score.names >= score.all - 1);
}

/* No source to read: the frames alone, which may know less but nothing false. */
static void check_moved(const char *path)
{
	struct score score;

	score_locks(path, &score);
	print_message("%s: %d keys of %d\n", strrchr(path, '/') + 1, score.keys, score.all);
	assert_int_equal(score.wrong, 0);
	assert_true(score.keys >= 20);
}

static void check_nameless(const char *path)
{
	uint64_t words[LOCKDAG_SNAPSHOT_WORDS];
	struct lockdag_symbols_snapshot snapshot;
	struct lockdag_symbols_name name;
	struct subject u;
	char want[200];

	subject_init(&u, path, NULL);
	while (subject_line(&u)) {
		if (strcmp(u.fields[0], "s"))
			continue;
		subject_snapshot(&u, &snapshot, words);
		lockdag_symbols_lock_name(u.s, &snapshot, true, "mutex", &name);
		snprintf(want, sizeof(want), "inits-stripped+0x%llx",
			(unsigned long long)snapshot.frames[0].offset);
		assert_string_equal(name.key, want);
		snprintf(want, sizeof(want), "mutex initialised at inits-stripped+0x%llx",
			(unsigned long long)snapshot.frames[0].offset);
		assert_string_equal(name.name, want);
	}
	subject_done(&u);
}

static void test_locks(void **state)
{
	(void)state;
	assert_true(for_each_subject("locks", check_locks) >= 2);
	for_each_subject("moved", check_moved);
	assert_int_equal(for_each_subject("nameless", check_nameless), 1);
}

/* The moved subject again, told where its source is: all its names are back. */
static void check_prefix(const char *path)
{
	struct lockdag_symbols_options options = {.source_prefix = TEST_DIR "/subjects"};
	uint64_t words[LOCKDAG_SNAPSHOT_WORDS];
	struct lockdag_symbols_snapshot snapshot;
	struct lockdag_symbols_name name;
	int all = 0, keys = 0;
	struct subject u;

	subject_init(&u, path, &options);
	while (subject_line(&u)) {
		if (strcmp(u.fields[0], "s") || !strcmp(u.fields[3], "-"))
			continue;
		subject_snapshot(&u, &snapshot, words);
		lockdag_symbols_lock_name(u.s, &snapshot, false, "mutex", &name);
		all++;
		keys += !strcmp(behind_module(name.key), u.fields[3]);
	}
	assert_true(all && keys >= all - 1);
	subject_done(&u);
}

static void test_source_prefix(void **state)
{
	(void)state;
	for_each_subject("moved", check_prefix);
}

/* addr2line's "0xADDRESS" and "FILE:LINE" lines for every fifth address of .text. */
static char *addr2line_text(const char *path)
{
	unsigned long long size = 0, start = 0;
	char command[8192];
	char *text, *at;
	FILE *list;

	snprintf(command, sizeof(command), "objdump -h -j .text %s", path);
	text = subject_read_command(command);
	at = strstr(text, " .text");
	if (at)
		sscanf(at, " .text %llx %llx", &size, &start);
	free(text);
	list = fopen(SUBJECTS "/addresses", "w");
	assert_non_null(list);
	for (unsigned long long i = 0; i < size; i += 5)
		fprintf(list, "%llx\n", start + i);
	fclose(list);
	snprintf(command, sizeof(command), "addr2line -a -i -e %s < " SUBJECTS "/addresses", path);
	return subject_read_command(command);
}

/* Depth and lines of inlined frames are addr2line's. */
static void check_addr2line(const char *path)
{
	struct lockdag_frame frames[LOCKDAG_MAX_INLINE];
	char *text = addr2line_text(path), *line, *next;
	int module, n = 0, i = 0, compared = 0;
	struct lockdag_symbols *s;
	uint64_t offset = 0;

	assert_int_equal(lockdag_symbols_new(NULL, &s), 0);
	module = lockdag_symbols_add_module(s, path, NULL);
	for (line = text; *line; line = next) {
		const char *colon;

		next = line + strcspn(line, "\n");
		if (*next)
			*next++ = 0;
		if (!strncmp(line, "0x", 2)) {
			assert_int_equal(i, n);
			offset = strtoull(line, NULL, 16);
			n = lockdag_symbols_frames(
				s, module, offset, false, frames, LOCKDAG_MAX_INLINE);
			i = 0;
			continue;
		}
		colon = strrchr(line, ':');
		assert_non_null(colon);
		assert_true(i < n);
		if (!frames[i].function) {
			i++; /* padding between functions, where addr2line tells of the one before
			      */
			continue;
		}
		if (frames[i].line != (unsigned)atoi(colon + 1))
			fail_msg("%s 0x%llx frame %d: line %u, addr2line says %s", path,
				(unsigned long long)offset, i, frames[i].line, line);
		assert_true(frames[i].inlined == (i < n - 1));
		i++;
		compared++;
	}
	print_message("%s: %d lines as addr2line's\n", strrchr(path, '/') + 1, compared);
	assert_true(compared > 100);
	lockdag_symbols_free(s);
	free(text);
}

static void test_frames(void **state)
{
	(void)state;
	if (system("addr2line --version > /dev/null 2>&1"))
		skip();
	check_addr2line(SUBJECTS "/c-O2");
	if (!access(SUBJECTS "/shapes-O2", R_OK))
		check_addr2line(SUBJECTS "/shapes-O2");
	if (!access(SUBJECTS "/cxx-O0", R_OK))
		check_addr2line(SUBJECTS "/cxx-O0");
}

static void test_function_names(void **state)
{
	struct lockdag_frame frames[LOCKDAG_MAX_INLINE];
	struct lockdag_symbols *s;
	bool seen = false;
	int module, n;

	(void)state;
	if (access(SUBJECTS "/cxx-O0", R_OK))
		skip();
	assert_int_equal(lockdag_symbols_new(NULL, &s), 0);
	module = lockdag_symbols_add_module(s, SUBJECTS "/cxx-O0", NULL);
	for (uint64_t offset = 0x1000; offset < 0x3000; offset++) {
		n = lockdag_symbols_frames(
			s, module, offset, false, frames, LOCKDAG_ARRAY_SIZE(frames));
		assert_true(n >= 1);
		seen |= frames[0].function && !strcmp(frames[0].function, "ns::Bank::transfer");
	}
	assert_true(seen);
	lockdag_symbols_free(s);
}

static void test_modules(void **state)
{
	struct lockdag_symbols_name name;
	struct lockdag_frame frame;
	struct lockdag_symbols *s;
	int a, b, c;

	(void)state;
	assert_int_equal(lockdag_symbols_new(NULL, &s), 0);
	a = lockdag_symbols_add_module(s, SUBJECTS "/c-O2", NULL);
	b = lockdag_symbols_add_module(s, SUBJECTS "/c-O2", "00112233");
	assert_true(a >= 0 && b >= 0 && a != b);
	assert_int_equal(lockdag_symbols_add_module(s, SUBJECTS "/c-O2", "00112233"), b);
	/* rebuilt since: nothing of the file is believed */
	assert_int_equal(lockdag_symbols_frames(s, b, 0x1200, false, &frame, 1), 1);
	assert_null(frame.function);
	assert_string_equal(frame.module, "c-O2");
	assert_int_equal(lockdag_symbols_variable(s, b, 0x4000, &name), -ENOENT);
	c = lockdag_symbols_add_module(s, "/nowhere/libgone.so.1", NULL);
	assert_int_equal(lockdag_symbols_frames(s, c, 7, true, &frame, 1), 1);
	assert_string_equal(frame.module, "libgone.so.1");
	assert_int_equal(lockdag_symbols_frames(s, -1, 7, true, &frame, 1), 1);
	assert_null(frame.module);
	assert_int_equal(lockdag_symbols_variable(s, 99, 0, &name), -ENOENT);
	c = lockdag_symbols_add_module(s, "/dev/null", NULL);
	assert_int_equal(lockdag_symbols_frames(s, c, 7, true, &frame, 1), 1);
	lockdag_symbols_free(s);
}

static void test_snapshot_without_anything(void **state)
{
	struct lockdag_symbols_snapshot snapshot = {.lock = 0x1000};
	struct lockdag_symbols_name name;
	struct lockdag_symbols *s;

	(void)state;
	assert_int_equal(lockdag_symbols_new(NULL, &s), 0);
	assert_int_equal(lockdag_symbols_lock_name(s, &snapshot, false, "rwlock", &name), 0);
	assert_string_equal(name.name, "rwlock first locked at an unknown place");
	snapshot.n_frames = 1;
	snapshot.frames[0].module = lockdag_symbols_add_module(s, "/nowhere/bank", NULL);
	snapshot.frames[0].offset = 0x1234;
	assert_int_equal(lockdag_symbols_lock_name(s, &snapshot, true, "mutex", &name), 0);
	assert_string_equal(name.name, "mutex initialised at bank+0x1234");
	assert_string_equal(name.key, "bank+0x1234");
	lockdag_symbols_free(s);
}

static void write_file(const char *path, const char *bytes, size_t n)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, n, file), n);
	fclose(file);
}

static char *read_file(const char *path, size_t *ret_n)
{
	FILE *file = fopen(path, "r");
	char *bytes = malloc(1 << 20);

	assert_non_null(file);
	assert_non_null(bytes);
	*ret_n = fread(bytes, 1, 1 << 20, file);
	fclose(file);
	return bytes;
}

/* Everything there is to ask, of a file that is not what it was. */
static void ask_everything(const char *path)
{
	struct lockdag_symbols_snapshot snapshot = {.lock = 0x5000, .rsp = 0x7000, .rbp = 0x7010};
	struct lockdag_frame frames[LOCKDAG_MAX_INLINE];
	uint64_t words[LOCKDAG_SNAPSHOT_WORDS];
	struct lockdag_symbols_name name;
	struct lockdag_symbols *s;
	int module;

	assert_int_equal(lockdag_symbols_new(NULL, &s), 0);
	module = lockdag_symbols_add_module(s, path, NULL);
	for (size_t i = 0; i < LOCKDAG_SNAPSHOT_WORDS; i++)
		words[i] = 0x1000 + i * 61;
	snapshot.words = words;
	snapshot.n_words = LOCKDAG_SNAPSHOT_WORDS;
	snapshot.n_frames = 1;
	snapshot.n_modules = 1;
	snapshot.modules = &(struct lockdag_symbols_module_base){module, 0};
	for (uint64_t offset = 0x1000; offset < 0x5000; offset += 97) {
		assert_true(lockdag_symbols_frames(
				    s, module, offset, true, frames, LOCKDAG_MAX_INLINE) >= 1);
		lockdag_symbols_variable(s, module, offset, &name);
		snapshot.frames[0] = (struct lockdag_symbols_address){module, offset};
		assert_int_equal(lockdag_symbols_lock_name(s, &snapshot, true, "mutex", &name), 0);
	}
	lockdag_symbols_free(s);
}

static void test_damaged_files(void **state)
{
	static const char *const paths[] = {SUBJECTS "/c-O2", SUBJECTS "/inits-O0"};
	uint64_t random = 1;

	(void)state;
	for (size_t i = 0; i < LOCKDAG_ARRAY_SIZE(paths); i++) {
		size_t n;
		char *bytes = read_file(paths[i], &n);

		for (int round = 0; round < 20; round++) {
			for (int k = 0; k < 30; k++) {
				random = random * 6364136223846793005u + 1442695040888963407u;
				bytes[64 + (random >> 20) % (n - 64)] = (char)(random >> 56);
			}
			write_file(SUBJECTS "/damaged", bytes, n - (random >> 30) % (n / 4));
			ask_everything(SUBJECTS "/damaged");
		}
		free(bytes);
	}
}

static void test_own_build_id(void **state)
{
	char *text = subject_read_command("readelf -n " SUBJECTS "/c-O2"), *at;
	struct lockdag_frame frame;
	struct lockdag_symbols *s;
	bool any = false;
	int module;

	(void)state;
	at = strstr(text, "Build ID: ");
	if (!at)
		skip();
	at += strlen("Build ID: ");
	at[strcspn(at, " \n")] = 0;
	assert_int_equal(lockdag_symbols_new(NULL, &s), 0);
	module = lockdag_symbols_add_module(s, SUBJECTS "/c-O2", at);
	for (uint64_t offset = 0x1000; offset < 0x1800; offset++) {
		lockdag_symbols_frames(s, module, offset, false, &frame, 1);
		any |= frame.file != NULL;
	}
	assert_true(any);
	lockdag_symbols_free(s);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_statics),
		cmocka_unit_test(test_without_dwarf),
		cmocka_unit_test(test_locks),
		cmocka_unit_test(test_source_prefix),
		cmocka_unit_test(test_frames),
		cmocka_unit_test(test_function_names),
		cmocka_unit_test(test_modules),
		cmocka_unit_test(test_snapshot_without_anything),
		cmocka_unit_test(test_own_build_id),
		cmocka_unit_test(test_damaged_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
