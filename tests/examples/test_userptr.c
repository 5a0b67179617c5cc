/* SPDX-License-Identifier: MIT
 *
 * examples/userptr: the rules of the patch that docs/story.md tells of, and what becomes of
 * objects.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "userptr.h"

enum { PAGE = 4096, SIZE = 8 * PAGE };

static void *map(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	assert_ptr_not_equal(p, MAP_FAILED);
	return p;
}

static struct userptr *device(const struct userptr_options *options)
{
	struct userptr *u = NULL;

	assert_int_equal(userptr_new(&u, options), 0);
	return u;
}

/* The library's threads: workers and readers. */
static int n_threads(void)
{
	DIR *tasks = opendir("/proc/self/task");
	struct dirent *task;
	int n = 0;

	assert_non_null(tasks);
	while ((task = readdir(tasks))) {
		char path[300], name[32] = "";
		FILE *file;

		snprintf(path, sizeof(path), "/proc/self/task/%s/comm", task->d_name);
		file = fopen(path, "r");
		if (file && fgets(name, sizeof(name), file))
			n += !strncmp(name, "userptr-", 8);
		if (file)
			fclose(file);
	}
	closedir(tasks);
	return n;
}

/* A thread that was joined may stand in /proc for a moment more. */
static void assert_n_threads(int n)
{
	for (int i = 0; i < 10000 && n_threads() != n; i++)
		usleep(1000);
	assert_int_equal(n_threads(), n);
}

/* ------------------------------------------------------------------ the patch's rules */

static __thread void (*before_first)(void); /* of this thread's allocations */
static __thread bool first_fails;

static void *first_hooked(size_t size)
{
	void (*hook)(void) = before_first;
	bool fails = first_fails;

	before_first = NULL;
	first_fails = false;
	if (hook)
		hook();
	return fails ? NULL : malloc(size);
}

struct racer {
	struct userptr *u;
	uint64_t id;
	void *memory;
	void (*hook)(void);
	bool fails;
	int result;
	pthread_t thread;
};

static void *racer_main(void *argument)
{
	struct racer *r = argument;

	before_first = r->hook;
	first_fails = r->fails;
	r->result = userptr_register(r->u, r->id, r->memory, SIZE);
	return NULL;
}

static void racer_start(struct racer *r)
{
	r->memory = map(SIZE);
	r->result = -ECHILD;
	assert_int_equal(pthread_create(&r->thread, NULL, racer_main, r), 0);
}

static void racer_end(struct racer *r)
{
	assert_int_equal(pthread_join(r->thread, NULL), 0);
	munmap(r->memory, SIZE);
}

static pthread_barrier_t both_here;

static void meet(void)
{
	pthread_barrier_wait(&both_here);
}

/* Both have seen that there is no notifier; both make one. */
static void loser_frees_its_own(void **state)
{
	const struct userptr_options options = {.allocate = first_hooked};

	(void)state;
	for (int i = 0; i < 50; i++) {
		struct userptr *u = device(&options);
		struct racer a = {.u = u, .id = 1, .hook = meet},
			     b = {.u = u, .id = 2, .hook = meet};

		pthread_barrier_init(&both_here, NULL, 2);
		racer_start(&a);
		racer_start(&b);
		racer_end(&a);
		racer_end(&b);
		assert_int_equal(a.result, 0);
		assert_int_equal(b.result, 0);
		/* One worker, and one reader where there is a userfaultfd. */
		assert_n_threads(userptr_unwatched(u) ? 1 : 2);
		userptr_free(u);
		assert_n_threads(0);
		pthread_barrier_destroy(&both_here);
	}
}

static sem_t about_to_fail, others_done;

static void fail_later(void)
{
	sem_post(&about_to_fail);
	sem_wait(&others_done);
}

static void no_memory_but_other_installed(void **state)
{
	const struct userptr_options options = {.allocate = first_hooked};
	struct userptr *u = device(&options);
	struct racer late = {.u = u, .id = 1, .hook = fail_later, .fails = true};
	struct userptr_pages pages;
	void *memory = map(SIZE);

	(void)state;
	sem_init(&about_to_fail, 0, 0);
	sem_init(&others_done, 0, 0);
	racer_start(&late);
	sem_wait(&about_to_fail);
	assert_int_equal(userptr_register(u, 2, memory, SIZE), 0);
	sem_post(&others_done);
	assert_int_equal(pthread_join(late.thread, NULL), 0);
	assert_int_equal(late.result, 0);
	assert_int_equal(userptr_get_pages(u, 1, &pages), 0);
	assert_int_equal(userptr_get_pages(u, 2, &pages), 0);
	userptr_free(u);
	munmap(memory, SIZE);
	munmap(late.memory, SIZE);
}

static atomic_int allocations_left;

static void *fail_when_none_left(size_t size)
{
	return atomic_fetch_sub(&allocations_left, 1) > 0 ? malloc(size) : NULL;
}

/* Every allocation fails in turn. */
static void no_memory(bool old_order)
{
	const struct userptr_options options = {
		.allocate = fail_when_none_left, .old_order = old_order};
	void *memory = map(SIZE);
	int failed = 0;

	for (int left = 0;; left++) {
		struct userptr *u = NULL;
		int err;

		atomic_store(&allocations_left, left);
		err = userptr_new(&u, &options);
		if (!err)
			err = userptr_register(u, 1, memory, SIZE);
		atomic_store(&allocations_left, 100);
		if (err) {
			assert_int_equal(err, -ENOMEM);
			failed++;
			if (u) /* and nothing is left behind that hinders */
				assert_int_equal(userptr_register(u, 1, memory, SIZE), 0);
		}
		userptr_free(u);
		if (!err)
			break;
	}
	assert_int_equal(failed, 4); /* device, notifier, queue, object */
	munmap(memory, SIZE);
}

static void no_memory_and_nobody_installed(void **state)
{
	(void)state;
	no_memory(false);
	no_memory(true);
	assert_n_threads(0);
}

/* ------------------------------------------------------------------ objects */

static void bad_arguments(void **state)
{
	struct userptr *u = device(NULL), *other = device(NULL);
	char *memory = map(SIZE);
	struct userptr_pages pages;

	(void)state;
	assert_null(userptr_unwatched(u));
	assert_int_equal(userptr_get_pages(u, 1, &pages), -ENOENT);
	assert_int_equal(userptr_unregister(u, 1), -ENOENT);
	assert_int_equal(userptr_invalidate(u, memory, SIZE, USERPTR_GONE), 0);
	assert_int_equal(userptr_register(u, 1, memory + 1, SIZE), -EINVAL);
	assert_int_equal(userptr_register(u, 1, memory, 0), -EINVAL);
	assert_int_equal(userptr_register(u, 1, memory, PAGE + 1), -EINVAL);
	assert_int_equal(userptr_register(u, 1, memory, SIZE), 0);
	assert_int_equal(userptr_register(u, 1, memory, SIZE), -EEXIST);
	assert_int_equal(userptr_register(u, 2, memory, SIZE), 0);
	assert_int_equal(userptr_register(other, 1, memory + PAGE, PAGE), -EBUSY);
	assert_int_equal(userptr_unregister(u, 1), 0);
	assert_int_equal(userptr_unregister(u, 1), -ENOENT);
	assert_int_equal(userptr_unregister(u, 2), 0);
	assert_int_equal(userptr_register(other, 1, memory + PAGE, PAGE), 0);
	assert_int_equal(userptr_get_pages(other, 1, &pages), 0);
	assert_ptr_equal(pages.address, memory + PAGE);
	assert_int_equal(pages.n_pages, 1);
	userptr_free(other);
	userptr_free(u);
	userptr_free(NULL);
	munmap(memory, SIZE);
}

struct log {
	atomic_int n;
	uint64_t ids[256];
	enum userptr_event events[256];
	sem_t *gate; /* the first one waits here */
};

static void note(void *argument, uint64_t id, enum userptr_event event)
{
	struct log *log = argument;
	int n = atomic_load(&log->n);

	if (log->gate && !n)
		sem_wait(log->gate);
	if (n < 256) {
		log->ids[n] = id;
		log->events[n] = event;
	}
	atomic_store(&log->n, n + 1);
}

static void explicit_invalidation(void **state)
{
	static struct log log;
	const struct userptr_options options = {
		.invalidated = note, .argument = &log, .no_userfaultfd = true};
	struct userptr *u = device(&options);
	char *memory = map(SIZE);
	struct userptr_pages pages;

	(void)state;
	assert_int_equal(userptr_register(u, 1, memory, 2 * PAGE), 0);
	assert_int_equal(userptr_register(u, 2, memory + PAGE, 2 * PAGE), 0);
	assert_int_equal(userptr_register(u, 3, memory + 3 * PAGE, PAGE), 0);
	assert_string_equal(userptr_unwatched(u), "the program asked for no userfaultfd");
	assert_int_equal(userptr_invalidate(u, memory + PAGE, PAGE, USERPTR_DISCARDED), 0);
	assert_int_equal(atomic_load(&log.n), 2);
	assert_true(log.ids[0] + log.ids[1] == 3 && log.ids[0] != log.ids[1]);
	assert_int_equal(userptr_get_pages(u, 2, &pages), 0);
	assert_int_equal(pages.generation, 1);
	assert_int_equal(userptr_invalidate(u, memory + 3 * PAGE, 1, USERPTR_GONE), 0);
	assert_int_equal(userptr_invalidate(u, memory + 3 * PAGE, 1, USERPTR_GONE), 0);
	assert_int_equal(atomic_load(&log.n), 3);
	assert_int_equal(log.ids[2], 3);
	assert_int_equal(userptr_get_pages(u, 3, &pages), -EFAULT);
	/* Nobody told, but the memory is not there. */
	munmap(memory, SIZE);
	assert_int_equal(userptr_get_pages(u, 1, &pages), -EFAULT);
	userptr_free(u);
}

/* A watching device with an object of SIZE; skips the test where nothing can be watched. */
static struct userptr *watching(struct log *log, char **ret_memory)
{
	const struct userptr_options options = {.invalidated = note, .argument = log};
	struct userptr *u = device(&options);
	const char *why;

	*ret_memory = map(SIZE);
	assert_int_equal(userptr_register(u, 1, *ret_memory, SIZE), 0);
	why = userptr_unwatched(u);
	if (why) {
		print_message("skipped: %s\n", why);
		userptr_free(u);
		munmap(*ret_memory, SIZE);
		skip();
	}
	return u;
}

static void one_event(struct log *log, struct userptr *u, enum userptr_event event)
{
	struct userptr_pages pages;

	assert_int_equal(userptr_get_pages(u, 1, &pages), event == USERPTR_GONE ? -EFAULT : 0);
	assert_int_equal(atomic_load(&log->n), 1);
	assert_int_equal(log->ids[0], 1);
	assert_int_equal(log->events[0], event);
	userptr_free(u);
	assert_int_equal(atomic_load(&log->n), 1);
}

static void watches_munmap(void **state)
{
	static struct log log;
	char *memory;
	struct userptr *u = watching(&log, &memory);

	(void)state;
	munmap(memory + PAGE, PAGE);
	one_event(&log, u, USERPTR_GONE);
	munmap(memory, SIZE);
}

static void watches_discarding(void **state)
{
	static struct log log;
	char *memory;
	struct userptr *u = watching(&log, &memory);

	(void)state;
	memory[0] = 1;
	madvise(memory, PAGE, MADV_DONTNEED);
	assert_int_equal(memory[0], 0);
	one_event(&log, u, USERPTR_DISCARDED);
	munmap(memory, SIZE);
}

/* What returned before get_pages() is known to it. */
static void never_late(void **state)
{
	static struct log log;
	struct userptr_pages pages;
	char *memory;
	struct userptr *u = watching(&log, &memory);

	(void)state;
	for (unsigned i = 1; i <= 3000; i++) {
		madvise(memory, PAGE, MADV_DONTNEED);
		assert_int_equal(userptr_get_pages(u, 1, &pages), 0);
		assert_int_equal(pages.generation, i);
	}
	userptr_free(u);
	munmap(memory, SIZE);
}

static void watches_mremap(void **state)
{
	static struct log log;
	char *memory, *elsewhere = map(SIZE);
	struct userptr *u = watching(&log, &memory);

	(void)state;
	memory[0] = 1;
	assert_ptr_equal(
		mremap(memory, SIZE, SIZE, MREMAP_MAYMOVE | MREMAP_FIXED, elsewhere), elsewhere);
	assert_int_equal(elsewhere[0], 1);
	one_event(&log, u, USERPTR_GONE);
	munmap(elsewhere, SIZE);
}

/* There is memory at the place, but it is another's. */
static void watches_mapping_over(void **state)
{
	static struct log log;
	char *memory;
	struct userptr *u = watching(&log, &memory);

	(void)state;
	assert_ptr_equal(
		mmap(memory, SIZE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0),
		memory);
	one_event(&log, u, USERPTR_GONE);
	munmap(memory, SIZE);
}

/* System calls may use the memory: nobody has to serve its faults. */
static void system_calls_work(void **state)
{
	static struct log log;
	char *memory;
	struct userptr *u = watching(&log, &memory);
	int pipes[2];

	(void)state;
	assert_int_equal(pipe(pipes), 0);
	assert_int_equal(write(pipes[1], "x", 1), 1);
	assert_int_equal(read(pipes[0], memory + PAGE, 1), 1);
	assert_int_equal(memory[PAGE], 'x');
	close(pipes[0]);
	close(pipes[1]);
	userptr_free(u);
	munmap(memory, SIZE);
}

/* munmap() goes on while the worker is held up, however many there are. */
static void many_events(void **state)
{
	enum { N = 200 };
	static struct log log;
	struct userptr_pages pages;
	char *memory;
	struct userptr *u = watching(&log, &memory);
	char *many = map(2 * N * PAGE);
	sem_t gate;

	(void)state;
	sem_init(&gate, 0, 0);
	log.gate = &gate;
	for (unsigned i = 0; i < N; i++)
		assert_int_equal(userptr_register(u, 100 + i, many + 2 * i * PAGE, PAGE), 0);
	for (unsigned i = 0; i < N; i++)
		munmap(many + 2 * i * PAGE, PAGE);
	sem_post(&gate);
	for (unsigned i = 0; i < N; i++)
		assert_int_equal(userptr_get_pages(u, 100 + i, &pages), -EFAULT);
	assert_int_equal(atomic_load(&log.n), N);
	assert_int_equal(userptr_get_pages(u, 1, &pages), 0);
	userptr_drain();
	userptr_free(u);
	munmap(memory, SIZE);
	munmap(many, 2 * N * PAGE);
	sem_destroy(&gate);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(loser_frees_its_own),
		cmocka_unit_test(no_memory_but_other_installed),
		cmocka_unit_test(no_memory_and_nobody_installed),
		cmocka_unit_test(bad_arguments),
		cmocka_unit_test(explicit_invalidation),
		cmocka_unit_test(watches_munmap),
		cmocka_unit_test(watches_discarding),
		cmocka_unit_test(never_late),
		cmocka_unit_test(watches_mremap),
		cmocka_unit_test(watches_mapping_over),
		cmocka_unit_test(system_calls_work),
		cmocka_unit_test(many_events),
	};

	alarm(60);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
