/* SPDX-License-Identifier: MIT
 *
 * A machine of October 2017 in one process. Seven parties each do what is right where they stand,
 * and together they can stop each other for ever:
 *
 *	cpu_up		brings a CPU up: alone with the CPUs
 *	swapper/0	boots: sets up states of the CPUs, and waits for their callbacks
 *	cpuhp/0		runs a callback, which waits for a device's node
 *	kdevtmpfs	makes the node: writes the directory
 *	ls		reads the directory: faults a page of its memory in
 *	prime_mmap	makes an object of its memory: the notifier's queue waits for the CPUs
 *
 * Here they act in turn, so that it never happens; `lockdag run` shows that it could. --order=after
 * is the cure. The turns are a plain counter: told to nobody, it makes no order that lockdag sees.
 */
#include "machine.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static struct inode devices;
static struct mm memory;
static struct userptr_device gpu;
static atomic_uint turn, failures;

static void check(int err, const char *what)
{
	if (err >= 0)
		return;
	fprintf(stderr, "prime_mmap: %s: %s\n", what, strerror(-err));
	atomic_fetch_add(&failures, 1);
}

pthread_t thread_run(void *(*routine)(void *), void *argument)
{
	pthread_t thread;
	int err = pthread_create(&thread, NULL, routine, argument);

	if (err) {
		fprintf(stderr, "prime_mmap: no thread: %s\n", strerror(err));
		exit(1);
	}
	return thread;
}

static void page_alloc_init(void)
{
	check(cpuhp_setup_state("mm/page_alloc:dead", NULL), "page_alloc_init");
}

static void boot(void)
{
	page_alloc_init();
	check(msr_init(), "msr_init");
}

static void list_devices(void)
{
	check(getdents(&devices, &memory, 4090, 4096), "getdents");
}

static void use_memory(void)
{
	check(userptr_ioctl(&gpu, &memory), "userptr_ioctl");
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
		{"cpu_up", cpu_up, 0},
		{"swapper/0", boot, 1},
		{"ls", list_devices, 2},
		{"prime_mmap", use_memory, 3},
	};
	enum { N_PARTIES = sizeof(parties) / sizeof(parties[0]) };
	pthread_t threads[N_PARTIES];

	for (int i = 0; i < N_PARTIES; i++)
		threads[i] = thread_run(party_main, &parties[i]);
	for (int i = 0; i < N_PARTIES; i++)
		pthread_join(threads[i], NULL);
}

static int usage(FILE *to)
{
	fprintf(to, "usage: prime_mmap [--order=before|after]\n"
		    "  --order=before  as it was: the work queue is allocated under two locks\n"
		    "  --order=after   as it was patched: before them (default)\n");
	return to == stdout ? 0 : 2;
}

static int options(int argc, char **argv, enum userptr_order *ret_order)
{
	static const struct option names[] = {
		{"order", required_argument, NULL, 'o'},
		{"help", no_argument, NULL, 'h'},
		{0},
	};
	int c;

	*ret_order = USERPTR_AFTER;
	while ((c = getopt_long(argc, argv, "h", names, NULL)) != -1) {
		if (c == 'h')
			exit(usage(stdout));
		else if (c == 'o' && !strcmp(optarg, "before"))
			*ret_order = USERPTR_BEFORE;
		else if (c != 'o' || strcmp(optarg, "after"))
			return usage(stderr);
	}
	return optind < argc ? usage(stderr) : 0;
}

int main(int argc, char **argv)
{
	enum userptr_order order;
	int r = options(argc, argv, &order);

	if (r)
		return r;
	inode_init(&devices);
	mm_init(&memory);
	userptr_device_init(&gpu, order);
	devtmpfs_init(&devices);
	cpuhp_init();
	run_parties();
	cpuhp_exit();
	devtmpfs_exit();
	printf("prime_mmap: %zu devices, %zu faults, %s\n", devices.n_names, memory.n_faults,
		memory.notifier ? "watching" : "not watching");
	userptr_release(&memory);
	return atomic_load(&failures) ? 1 : 0;
}
