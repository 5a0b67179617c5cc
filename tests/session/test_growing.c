/* SPDX-License-Identifier: MIT
 *
 * Reading and keeping a session while guests write it: what a reader sees of each thread is always
 * a whole beginning of what that thread wrote.
 */
#include "fixture.h"

#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#define WRITERS 3
#define ITEMS 20000u

struct guest {
	struct fixture *f;
	uint32_t number;
};

static void fill_acquire(struct lockdag_item_acquire *item, uint32_t size, uint32_t thread,
	uint64_t tag, unsigned n_held)
{
	struct lockdag_item_held *held = (void *)(item + 1);

	item->kind = LOCKDAG_ITEM_ACQUIRE;
	item->n_held = (uint16_t)n_held;
	item->size = size;
	item->tag = tag;
	item->presence.thread = thread;
	for (unsigned i = 0; i < n_held; i++)
		held[i].serial = tag + i;
}

/* Item number k of thread t has tag k, and the key in it is committed before it. */
static void write_thread(struct fixture *f, uint32_t n_items)
{
	struct lockdag_writer w = {f->base, LOCKDAG_SESSION_SIZE, f->header};
	struct lockdag_session_thread *thread;
	uint32_t row, key_row = 0;
	uint64_t chunk = 0;

	thread = lockdag_write_thread(&w, &row);
	lockdag_store_release(&thread->state, 1);
	for (uint32_t k = 0; k < n_items; k++) {
		uint32_t size = acquire_size(k % 7, 0);
		struct lockdag_item_acquire *item;

		if (k % 16 == 0) {
			struct lockdag_session_key *key = lockdag_write_key(&w, &key_row);

			key->serial = key_row;
			lockdag_store_release(&key->state, 1);
		}
		item = lockdag_write_item(&w, thread, &chunk, size);
		fill_acquire(item, size, row, k, k % 7);
		item->presence.key = key_row;
		lockdag_write_publish(&w, chunk, size);
		lockdag_write_news(&w);
	}
}

static void *guest_main(void *arg)
{
	struct guest *guest = arg;

	write_thread(guest->f, ITEMS);
	return NULL;
}

struct check {
	const struct lockdag_session *s;
	uint64_t next[WRITERS];
	uint64_t n;
};

static int check_acquire(void *arg, const struct lockdag_session_acquire *a)
{
	struct check *check = arg;
	struct lockdag_session_key key;

	assert_true(a->item.presence.thread < WRITERS);
	assert_true(a->item.tag == check->next[a->item.presence.thread]++);
	assert_int_equal(a->item.n_held, a->item.tag % 7);
	for (unsigned i = 0; i < a->item.n_held; i++)
		assert_true(a->held[i].serial == a->item.tag + i);
	assert_true(lockdag_session_key(check->s, a->item.presence.key, &key));
	assert_int_equal(key.serial, a->item.presence.key);
	check->n++;
	return 0;
}

static uint64_t check_session(const struct lockdag_session *s)
{
	static const struct lockdag_session_visitor visitor = {.acquire = check_acquire};
	struct check check = {.s = s};

	assert_int_equal(lockdag_session_walk(s, &visitor, &check), 0);
	return check.n;
}

static uint64_t check_kept(const struct lockdag_session *s)
{
	char path[] = "/tmp/lockdag-growing-XXXXXX";
	struct lockdag_session *kept;
	const char *why = "";
	uint64_t n;
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(lockdag_session_save(s, path), 0);
	if (lockdag_session_open(path, &kept, &why) != 0)
		fail_msg("%s", why);
	unlink(path);
	n = check_session(kept);
	lockdag_session_close(kept);
	return n;
}

static void readers_see_whole_beginnings(void **state)
{
	struct fixture f = fixture_new();
	struct guest guests[WRITERS];
	pthread_t threads[WRITERS];
	uint64_t n = 0;

	(void)state;
	for (uint32_t i = 0; i < WRITERS; i++) {
		guests[i] = (struct guest){&f, i};
		assert_int_equal(pthread_create(&threads[i], NULL, guest_main, &guests[i]), 0);
	}
	while (n < WRITERS * ITEMS) {
		uint64_t now = check_session(f.s), kept = check_kept(f.s);

		assert_true(now >= n && kept >= now);
		n = kept;
	}
	for (uint32_t i = 0; i < WRITERS; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(check_session(f.s), WRITERS * ITEMS);
	assert_int_equal(lockdag_session_generation(f.s), WRITERS * ITEMS);
	fixture_done(&f);
}

static void killed_guests_leave_whole_beginnings(void **state)
{
	struct fixture f = fixture_new();
	uint64_t n;

	(void)state;
	for (int i = 0; i < WRITERS; i++) {
		pid_t child = fork();
		int status;

		if (child == 0) {
			write_thread(&f, 100 * ITEMS);
			_exit(0);
		}
		while (lockdag_session_generation(f.s) < (uint64_t)(i + 1) * 1000)
			;
		kill(child, SIGKILL);
		assert_int_equal(waitpid(child, &status, 0), child);
	}
	n = check_session(f.s);
	assert_true(n >= WRITERS * 1000);
	assert_int_equal(check_kept(f.s), n);
	fixture_done(&f);
}

static void full_session_is_read(void **state)
{
	struct fixture f = fixture_new();
	struct lockdag_writer w = {f.base, LOCKDAG_SESSION_SIZE, f.header};

	(void)state;
	f.header->heap_next = LOCKDAG_SESSION_SIZE - 65536;
	write_thread(&f, 100);
	while (lockdag_write_heap(&w, 4096, 16))
		;
	assert_int_equal(lockdag_session_lost(f.s, LOCKDAG_LOST_HEAP), 1);
	assert_int_equal(check_session(f.s), 100);
	fixture_done(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(readers_see_whole_beginnings),
		cmocka_unit_test(killed_guests_leave_whole_beginnings),
		cmocka_unit_test(full_session_is_read),
	};

	return cmocka_run_group_tests_name("session: growing", tests, NULL, NULL);
}
