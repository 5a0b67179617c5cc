/* SPDX-License-Identifier: MIT
 *
 * A program with two devices and somebody who drains them, each in its turn. With --order=before
 * the second device's notifier is made under two locks, and `lockdag run` shows who could wait for
 * whom.
 */
#include <errno.h>
#include <getopt.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "userptr.h"

#define SIZE (16 * 4096)

static struct userptr_options options;
static struct userptr *devices[2];
static void *memory[2];
static atomic_uint turn, n_told, failures;

static void expect(int got, int wanted, const char *what)
{
	if (got == wanted)
		return;
	fprintf(stderr, "userptr: %s: %s, expected %s\n", what, strerror(-got), strerror(-wanted));
	atomic_fetch_add(&failures, 1);
}

static void told(void *unused, uint64_t id, enum userptr_event event)
{
	(void)unused;
	atomic_fetch_add(&n_told, 1);
	printf("object %llu: %s\n", (unsigned long long)id,
		event == USERPTR_GONE ? "gone" : "discarded");
}

/* Tells the device, where it cannot see that by itself. */
static void did(struct userptr *u, int result, void *address, enum userptr_event event)
{
	if (result)
		expect(-errno, 0, "madvise or munmap");
	if (userptr_unwatched(u))
		userptr_invalidate(u, address, SIZE, event);
}

/* A life of an object: used, discarded, used again, unmapped. */
static void use_first(void)
{
	struct userptr_pages pages, again;
	struct userptr *u = devices[0];

	expect(userptr_register(u, 1, memory[0], SIZE), 0, "register 1");
	if (userptr_unwatched(u))
		printf("not watching: %s\n", userptr_unwatched(u));
	expect(userptr_get_pages(u, 1, &pages), 0, "get_pages 1");
	memset(pages.address, 1, SIZE);
	did(u, madvise(memory[0], SIZE, MADV_DONTNEED), memory[0], USERPTR_DISCARDED);
	expect(userptr_get_pages(u, 1, &again), 0, "get_pages 1 again");
	expect(again.generation > pages.generation ? 0 : -ESTALE, 0, "another generation");
	did(u, munmap(memory[0], SIZE), memory[0], USERPTR_GONE);
	expect(userptr_get_pages(u, 1, &pages), -EFAULT, "get_pages 1, unmapped");
}

static void use_second(void)
{
	struct userptr_pages pages;

	expect(userptr_register(devices[1], 2, memory[1], SIZE), 0, "register 2");
	expect(userptr_get_pages(devices[1], 2, &pages), 0, "get_pages 2");
	expect(userptr_unregister(devices[1], 2), 0, "unregister 2");
	munmap(memory[1], SIZE);
}

struct party {
	const char *name;
	void (*act)(void);
	unsigned number;
};

static void *party_main(void *argument)
{
	const struct timespec nap = {0, 200000};
	struct party *party = argument;

	pthread_setname_np(pthread_self(), party->name);
	while (atomic_load(&turn) != party->number)
		nanosleep(&nap, NULL);
	party->act();
	atomic_fetch_add(&turn, 1);
	return NULL;
}

static void run_parties(void)
{
	static struct party parties[] = {
		{"first", use_first, 0},
		{"drain", userptr_drain, 1},
		{"second", use_second, 2},
	};
	enum { N_PARTIES = sizeof(parties) / sizeof(parties[0]) };
	pthread_t threads[N_PARTIES];

	for (int i = 0; i < N_PARTIES; i++)
		if (pthread_create(&threads[i], NULL, party_main, &parties[i]))
			exit(1);
	for (int i = 0; i < N_PARTIES; i++)
		pthread_join(threads[i], NULL);
}

static int usage(FILE *to)
{
	fprintf(to, "usage: userptr [--order=before|after] [--no-userfaultfd]\n"
		    "  --order=before    the notifier is made under two locks\n"
		    "  --order=after     before them (default)\n"
		    "  --no-userfaultfd  tell the devices what happens to the memory\n");
	return to == stdout ? 0 : 2;
}

static int read_options(int argc, char **argv)
{
	static const struct option names[] = {
		{"order", required_argument, NULL, 'o'},
		{"no-userfaultfd", no_argument, NULL, 'n'},
		{"help", no_argument, NULL, 'h'},
		{0},
	};
	int c;

	while ((c = getopt_long(argc, argv, "h", names, NULL)) != -1) {
		if (c == 'h')
			exit(usage(stdout));
		else if (c == 'n')
			options.no_userfaultfd = true;
		else if (c == 'o' && !strcmp(optarg, "before"))
			options.old_order = true;
		else if (c != 'o' || strcmp(optarg, "after"))
			return usage(stderr);
	}
	return optind < argc ? usage(stderr) : 0;
}

static bool prepare(void)
{
	options.invalidated = told;
	for (int i = 0; i < 2; i++) {
		memory[i] = mmap(
			NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (memory[i] == MAP_FAILED || userptr_new(&devices[i], &options))
			return false;
	}
	return true;
}

int main(int argc, char **argv)
{
	int r = read_options(argc, argv);

	if (r)
		return r;
	if (!prepare()) {
		fprintf(stderr, "userptr: no memory\n");
		return 1;
	}
	run_parties();
	for (int i = 0; i < 2; i++)
		userptr_free(devices[i]);
	expect(atomic_load(&n_told) == 2 ? 0 : -EPROTO, 0, "told twice");
	return atomic_load(&failures) ? 1 : 0;
}
