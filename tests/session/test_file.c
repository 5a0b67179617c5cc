/* SPDX-License-Identifier: MIT
 *
 * Making, keeping and opening a session.
 */
#include "fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char directory[64];

static char *file(const char *name)
{
	static char path[4][128];
	static unsigned turn;

	turn = (turn + 1) % 4;
	snprintf(path[turn], sizeof(path[turn]), "%s/%s", directory, name);
	return path[turn];
}

static int make_directory(void **state)
{
	(void)state;
	strcpy(directory, "/tmp/lockdag-session-XXXXXX");
	return mkdtemp(directory) ? 0 : -1;
}

static int remove_directory(void **state)
{
	static const char *const names[] = {"kept", "again", "cut", "foreign", "pipe"};

	(void)state;
	for (size_t i = 0; i < LOCKDAG_ARRAY_SIZE(names); i++)
		unlink(file(names[i]));
	return rmdir(directory); /* fails when a temporary file was left */
}

static void write_file(const char *path, const void *bytes, size_t n)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, n), n);
	close(fd);
}

static const char *refusal(const char *path)
{
	struct lockdag_session *s = NULL;
	const char *why = NULL;

	assert_int_equal(lockdag_session_open(path, &s, &why), -EINVAL);
	assert_null(s);
	assert_non_null(why);
	return why;
}

static struct lockdag_session *must_open(const char *path)
{
	struct lockdag_session *s = NULL;
	const char *why = "";

	if (lockdag_session_open(path, &s, &why) != 0)
		fail_msg("%s: %s", path, why);
	assert_null(why);
	return s;
}

static struct fixture small_session(void)
{
	struct fixture f = fixture_new();
	uint64_t chunk = put_chunk(&f, 0, 4096);

	put_acquire(&f, chunk, 7, 2, 3);
	put_acquire(&f, chunk, 8, 0, 48);
	put_thread(&f, chunk);
	return f;
}

static void create_fills_the_header(void **state)
{
	struct fixture f = fixture_new(), g = fixture_new();
	struct stat st;

	(void)state;
	assert_int_equal(f.header->magic, LOCKDAG_SESSION_MAGIC);
	assert_memory_equal(f.base, "LOCDDAG1", 8);
	assert_int_equal(f.header->version, LOCKDAG_SESSION_VERSION);
	assert_int_equal(f.header->header_size, sizeof(*f.header));
	assert_true(f.header->size == LOCKDAG_SESSION_SIZE);
	assert_int_not_equal(f.header->cookie, 0);
	assert_int_not_equal(f.header->cookie, g.header->cookie);
	assert_int_equal(f.header->judge_pid, getpid());
	assert_true(f.header->heap_next == LAYOUT.heap);
	assert_int_equal(f.header->next_serial, 1);
	assert_string_equal(f.header->command, "prog --flag");
	assert_string_equal(lockdag_session_command(f.s), "prog --flag");
	assert_int_equal(fstat(lockdag_session_fd(f.s), &st), 0);
	assert_true((uint64_t)st.st_size == LOCKDAG_SESSION_SIZE);
	assert_true(st.st_blocks < 64);
	assert_int_equal(lockdag_session_n_threads(f.s), 0);
	assert_int_equal(seen_count(f.s), 0);
	fixture_done(&f);
	fixture_done(&g);
}

static void descriptor_is_high_inherited_and_sealed(void **state)
{
	struct fixture f = fixture_new();
	int fd = lockdag_session_fd(f.s);

	(void)state;
	assert_true(fd >= 64);
	assert_int_equal(fcntl(fd, F_GETFD) & FD_CLOEXEC, 0);
	assert_int_equal(ftruncate(fd, 0), -1);
	assert_int_equal(errno, EPERM);
	fixture_done(&f);
	assert_int_equal(fcntl(fd, F_GETFD), -1);
}

static void few_descriptors_are_enough(void **state)
{
	struct rlimit old, few;
	struct lockdag_session *s = NULL;

	(void)state;
	getrlimit(RLIMIT_NOFILE, &old);
	few = (struct rlimit){40, old.rlim_max};
	setrlimit(RLIMIT_NOFILE, &few);
	assert_int_equal(lockdag_session_create("x", 0, &s), 0);
	setrlimit(RLIMIT_NOFILE, &old);
	assert_true(lockdag_session_fd(s) < 40);
	lockdag_session_close(s);
}

/* In a child: the file size limit cannot be raised again by everybody. */
static int child_of_small_files(const char *kept)
{
	struct fixture f = small_session();
	struct rlimit small = {1 << 20, 1 << 20};
	struct lockdag_session *s = NULL;

	setrlimit(RLIMIT_FSIZE, &small);
	if (lockdag_session_create("x", 0, &s) != -EFBIG || s)
		return 1;
	if (lockdag_session_save(f.s, kept) != -EFBIG)
		return 2;
	return access(kept, F_OK) == 0 ? 3 : 0;
}

static void limit_of_file_size_is_an_error(void **state)
{
	int status;
	pid_t child = fork();

	(void)state;
	if (child == 0)
		_exit(child_of_small_files(file("kept")));
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

static void command_is_sanitised(void **state)
{
	static const struct {
		const char *given, *shown;
	} cases[] = {
		{"a\x1b[31mb\n\t\x7f", "a?[31mb???"},
		{"gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x94\x92",
			"gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x94\x92"},
		{"\xc2\x9b\x80\xff\xc3", "?????"},
		{"\xed\xa0\x80\xe0\x80\x80\xf4\x90\x80\x80", "??????????"},
		{"\xc0\xaf\xf0\x80\x80\x80", "??????"},
	};
	char endless[2000];
	struct lockdag_session *s;

	(void)state;
	for (size_t i = 0; i < LOCKDAG_ARRAY_SIZE(cases); i++) {
		assert_int_equal(lockdag_session_create(cases[i].given, 0, &s), 0);
		assert_string_equal(lockdag_session_command(s), cases[i].shown);
		lockdag_session_close(s);
	}
	memset(endless, 'x', sizeof(endless) - 1);
	endless[sizeof(endless) - 1] = 0;
	assert_int_equal(lockdag_session_create(endless, 0, &s), 0);
	assert_int_equal(strlen(lockdag_session_command(s)), 487);
	lockdag_session_close(s);
	assert_int_equal(lockdag_session_create(NULL, 0, &s), 0);
	assert_string_equal(lockdag_session_command(s), "");
	lockdag_session_close(s);
}

static void kept_session_is_equal(void **state)
{
	struct fixture f = small_session();
	struct seen live = {0}, kept = {0};
	struct lockdag_session *s, *again;
	struct stat st;

	(void)state;
	f.header->lost[LOCKDAG_LOST_DEPTH] = 5;
	f.header->generation = 99;
	assert_int_equal(lockdag_session_save(f.s, file("kept")), 0);
	s = must_open(file("kept"));
	assert_int_equal(lockdag_session_fd(s), -1);
	assert_string_equal(lockdag_session_command(s), "prog --flag");
	assert_int_equal(lockdag_session_lost(s, LOCKDAG_LOST_DEPTH), 5);
	assert_int_equal(lockdag_session_generation(s), 99);
	assert_int_equal(seen_walk(f.s, &live), 0);
	assert_int_equal(seen_walk(s, &kept), 0);
	assert_int_equal(kept.n_acquires, 2);
	assert_memory_equal(&live, &kept, sizeof(live));

	assert_int_equal(stat(file("kept"), &st), 0);
	assert_true((uint64_t)st.st_size < LAYOUT.heap + 65536);
	assert_true(st.st_blocks * 512 < 65536);

	/* a kept session may be kept again, over the file itself too */
	assert_int_equal(lockdag_session_save(s, file("again")), 0);
	assert_int_equal(lockdag_session_save(s, file("kept")), 0);
	again = must_open(file("again"));
	assert_int_equal(seen_walk(again, &kept), 0);
	assert_memory_equal(&live, &kept, sizeof(live));
	lockdag_session_close(again);
	lockdag_session_close(s);
	fixture_done(&f);
}

static void many_rows_are_kept(void **state)
{
	struct fixture f = fixture_new();
	struct lockdag_session_key *keys = (void *)(f.base + LAYOUT.keys), key;
	struct lockdag_session *s;
	uint64_t chunk = 0;

	(void)state;
	f.header->n_keys = 100000;
	for (uint32_t i = 0; i < 100000; i++) {
		keys[i].address = i;
		keys[i].state = i % 3 != 0;
	}
	for (unsigned i = 0; i < 3000; i++) {
		if (i % 8 == 0)
			chunk = put_chunk(&f, chunk, 8192 + i * 16);
		put_acquire(&f, chunk, i, 3, 10);
		put_heap(&f, i % 50 == 0 ? 40000 : 16); /* holes between */
	}
	put_thread(&f, chunk);
	assert_int_equal(lockdag_session_save(f.s, file("kept")), 0);
	s = must_open(file("kept"));
	assert_int_equal(seen_count(s), 3000);
	assert_int_equal(lockdag_session_n_keys(s), 100000);
	for (uint32_t i = 0; i < 100000; i++) {
		assert_int_equal(lockdag_session_key(s, i, &key), i % 3 != 0);
		assert_true(i % 3 == 0 || key.address == i);
	}
	lockdag_session_close(s);
	fixture_done(&f);
}

static void only_files_are_replaced(void **state)
{
	struct fixture f = small_session();

	(void)state;
	assert_int_equal(lockdag_session_save(f.s, directory), -EISDIR);
	assert_int_equal(lockdag_session_save(f.s, "/dev/null"), -EINVAL);
	assert_int_equal(lockdag_session_save(f.s, file("none/kept")), -ENOENT);
	fixture_done(&f);
}

static void cut_off_files_are_refused(void **state)
{
	struct fixture f = small_session();
	uint64_t end = f.header->heap_next;
	const uint64_t lengths[] = {end - 1, end - 4096, LAYOUT.heap, LAYOUT.heap - 1, LAYOUT.keys,
		LAYOUT.tag_set, LAYOUT.class_set, LAYOUT.classes, LAYOUT.modules, LAYOUT.threads,
		LAYOUT.processes, sizeof(struct lockdag_session_header),
		sizeof(struct lockdag_session_header) - 1, 24, 17, 16, 15, 12, 8};
	struct lockdag_session *s;

	(void)state;
	assert_int_equal(lockdag_session_save(f.s, file("cut")), 0);
	assert_int_equal(truncate(file("cut"), (off_t)end), 0);
	s = must_open(file("cut"));
	assert_int_equal(seen_count(s), 2);
	lockdag_session_close(s);
	for (size_t i = 0; i < LOCKDAG_ARRAY_SIZE(lengths); i++) {
		const char *why;

		assert_int_equal(truncate(file("cut"), (off_t)lengths[i]), 0);
		why = refusal(file("cut"));
		if (strncmp(why, "cut off: ", 9) != 0)
			fail_msg("%llu bytes: %s", (unsigned long long)lengths[i], why);
	}
	for (int i = 7; i > 0; i--) {
		assert_int_equal(truncate(file("cut"), i), 0);
		assert_string_equal(refusal(file("cut")), "not a lockdag session");
	}
	fixture_done(&f);
}

static void foreign_files_are_refused(void **state)
{
	struct lockdag_session *s = NULL;
	const char *why = "";

	(void)state;
	write_file(file("foreign"), "", 0);
	assert_string_equal(refusal(file("foreign")), "not a lockdag session: the file is empty");
	write_file(file("foreign"),
		"\x7f"
		"ELF, or so it says",
		19);
	assert_string_equal(refusal(file("foreign")), "not a lockdag session");
	assert_string_equal(refusal("/proc/self/exe"), "not a lockdag session");
	assert_string_equal(refusal(directory), "not a lockdag session: not even a file");
	assert_string_equal(refusal("/dev/null"), "not a lockdag session: not even a file");
	assert_int_equal(mkfifo(file("pipe"), 0600), 0);
	assert_string_equal(refusal(file("pipe")), "not a lockdag session: not even a file");
	assert_int_equal(lockdag_session_open(file("none"), &s, &why), -ENOENT);
	assert_null(why);
	assert_null(s);
}

static void damaged_headers_are_refused(void **state)
{
	struct fixture f = small_session();
	struct lockdag_session_header *header, good;
	struct lockdag_session *s;
	char wanted[100];
	int fd;

	(void)state;
	assert_int_equal(lockdag_session_save(f.s, file("kept")), 0);
	fd = open(file("kept"), O_RDWR);
	header = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	good = *header;
	header->version = 4711;
	snprintf(wanted, sizeof(wanted), "made by another version of lockdag (format 4711, not %d)",
		LOCKDAG_SESSION_VERSION);
	assert_string_equal(refusal(file("kept")), wanted);
	*header = good;
	header->header_size--;
	assert_non_null(strstr(refusal(file("kept")), "damaged"));
	*header = good;
	header->size = LAYOUT.heap - 1;
	assert_non_null(strstr(refusal(file("kept")), "damaged"));
	*header = good;
	header->heap_next = 0;
	assert_non_null(strstr(refusal(file("kept")), "damaged"));
	*header = good;
	header->magic ^= 1;
	assert_string_equal(refusal(file("kept")), "not a lockdag session");
	*header = good;
	header->heap_next = UINT64_MAX;
	assert_non_null(strstr(refusal(file("kept")), "cut off"));
	/* a smaller size is a limit, not a fault */
	*header = good;
	header->size = LAYOUT.heap;
	s = must_open(file("kept"));
	assert_int_equal(seen_count(s), 0);
	lockdag_session_close(s);
	munmap(header, 4096);
	fixture_done(&f);
}

/* What a writer that is killed has published is there; what it had not published is not. */
static void killed_writer_leaves_what_it_published(void **state)
{
	struct fixture f = fixture_new();
	struct seen seen = {0};
	pid_t child = fork();
	int status;

	(void)state;
	if (child == 0) {
		uint64_t chunk = put_chunk(&f, 0, 1 << 20), last;

		put_thread(&f, chunk);
		for (unsigned i = 0; i < 50; i++)
			put_acquire(&f, chunk, i, i % 5, i % 49);
		last = put_acquire(&f, chunk, 50, 4, 4);
		chunk_at(&f, chunk)->used = (uint32_t)(last - chunk); /* not published */
		raise(SIGKILL);
		_exit(1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	assert_int_equal(seen_walk(f.s, &seen), 0);
	assert_int_equal(seen.n_acquires, 50);
	for (unsigned i = 0; i < 50; i++)
		assert_int_equal(seen.tags[i], i);
	fixture_done(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(create_fills_the_header),
		cmocka_unit_test(descriptor_is_high_inherited_and_sealed),
		cmocka_unit_test(few_descriptors_are_enough),
		cmocka_unit_test_setup_teardown(
			limit_of_file_size_is_an_error, make_directory, remove_directory),
		cmocka_unit_test(command_is_sanitised),
		cmocka_unit_test_setup_teardown(
			kept_session_is_equal, make_directory, remove_directory),
		cmocka_unit_test_setup_teardown(
			many_rows_are_kept, make_directory, remove_directory),
		cmocka_unit_test_setup_teardown(
			only_files_are_replaced, make_directory, remove_directory),
		cmocka_unit_test_setup_teardown(
			cut_off_files_are_refused, make_directory, remove_directory),
		cmocka_unit_test_setup_teardown(
			foreign_files_are_refused, make_directory, remove_directory),
		cmocka_unit_test_setup_teardown(
			damaged_headers_are_refused, make_directory, remove_directory),
		cmocka_unit_test(killed_writer_leaves_what_it_published),
	};

	return cmocka_run_group_tests_name("session: file", tests, NULL, NULL);
}
