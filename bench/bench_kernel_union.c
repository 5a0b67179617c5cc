/* SPDX-License-Identifier: MIT
 *
 * How long kernel reports take: made here, read by the scanner, united and cut (10^4 in 5 s).
 *	bench_kernel_union [REPORTS]
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/text.h"
#include "base/vec.h"
#include "kernel/kernel.h"

#define BENCH_REPORTS 10000
#define BENCH_MOST_CLASSES 8

static uint64_t bench_state = 88172645463325252u;

static uint32_t bench_random(uint32_t below)
{
	bench_state ^= bench_state << 13;
	bench_state ^= bench_state >> 7;
	bench_state ^= bench_state << 17;
	return (uint32_t)(bench_state >> 33) % below;
}

static double bench_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* One in three is a lock that all of the kernel takes, the others are of 200 of each of 20 drivers. */
static void bench_class(char *name, size_t size, uint32_t driver)
{
	static const char *const core[] = {"&mm->mmap_lock", "cpu_hotplug_lock", "rtnl_mutex",
		"fs_reclaim", "(completion)&req.done", "(wq_completion)events", "cgroup_mutex",
		"console_lock", "&dev->mutex", "slab_mutex"};

	if (bench_random(3) == 0)
		snprintf(name, size, "%s", core[bench_random(10)]);
	else
		snprintf(name, size, "&d%u_%u->lock", driver, bench_random(200));
}

static void bench_stack(struct lockdag_text *t, uint32_t driver)
{
	uint32_t f = bench_random(300);

	lockdag_text_addf(t,
		"       lock_acquire+0xb0/0x200\n       __mutex_lock+0x86/0x9b0\n"
		"       d%u_take%u+0x1b/0x20 [d%u]\n       d%u_do%u+0x22/0x70 [d%u]\n"
		"       d%u_ioctl+0x22/0x70 [d%u]\n       do_vfs_ioctl+0x94/0x670\n"
		"       entry_SYSCALL_64+0x1c/0xb1\n\n",
		driver, f, driver, driver, f, driver, driver, driver);
}

static void bench_report(struct lockdag_text *t, uint32_t number)
{
	uint32_t driver = bench_random(20), n = 2 + bench_random(BENCH_MOST_CLASSES - 1);
	char names[BENCH_MOST_CLASSES][32];

	for (uint32_t i = 0; i < n; i++)
		bench_class(names[i], sizeof(names[i]), driver);
	lockdag_text_addf(t,
		"WARNING: possible circular locking dependency detected\n6.1.0 #1 Not tainted\n"
		"------------------------------------------------------\n"
		"task/%u is trying to acquire lock:\n"
		"ffff888012345678 (%s){+.+.}-{3:3}, at: d%u_take%u+0x1b/0x20 [d%u]\n\n"
		"but task is already holding lock:\n"
		"ffff888012345679 (%s){+.+.}-{3:3}, at: d%u_do%u+0x14/0x70 [d%u]\n\n"
		"which lock already depends on the new lock.\n\n"
		"the existing dependency chain (in reverse order) is:\n\n",
		number, names[0], driver, number % 300, driver, names[n - 1], driver, number % 300,
		driver);
	for (uint32_t i = n; i-- > 0;) {
		lockdag_text_addf(t, "-> #%u (%s){+.+.}-{3:3}:\n", i, names[i]);
		bench_stack(t, driver);
	}
	lockdag_text_addf(t,
		"other info that might help us debug this:\n\n *** DEADLOCK ***\n\n"
		"1 lock held by task/%u:\n"
		" #0: ffff888012345679 (%s){+.+.}-{3:3}, at: d%u_do%u+0x14/0x70 [d%u]\n\n"
		"stack backtrace:\nCPU: 1 PID: %u Comm: task Not tainted 6.1.0 #1\nCall Trace:\n",
		number, names[n - 1], driver, number % 300, driver, number);
	bench_stack(t, driver);
}

typedef LOCKDAG_VEC(struct lockdag_splat *) splat_vec;

static int bench_splat(void *context, struct lockdag_splat *splat)
{
	struct lockdag_splat **slot = lockdag_vec_push((splat_vec *)context);

	if (!slot)
		return -1;
	*slot = splat;
	return 0;
}

static int bench_read(const struct lockdag_text *t, splat_vec *splats)
{
	const struct lockdag_kernel_sink sink = {.splat = bench_splat, .context = splats};
	struct lockdag_kernel_scanner *scanner;
	int r = lockdag_kernel_open(&sink, &scanner);

	if (r == 0)
		r = lockdag_kernel_begin(scanner, "bench");
	if (r == 0)
		r = lockdag_kernel_feed(scanner, t->s, t->n);
	if (r == 0)
		r = lockdag_kernel_end(scanner);
	lockdag_kernel_close(scanner);
	return r;
}

static int bench_unite(const splat_vec *splats)
{
	struct lockdag_union *u;
	int r = lockdag_union_new(&u);

	if (r)
		return r;
	for (size_t i = 0; r == 0 && i < splats->n; i++)
		r = lockdag_union_add(u, splats->items[i]);
	if (r == 0)
		r = lockdag_union_solve(u);
	lockdag_union_free(u);
	return r;
}

int main(int argc, char **argv)
{
	uint32_t n = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : BENCH_REPORTS;
	struct lockdag_text text = {0};
	splat_vec splats = {0};
	double t0, t1, t2;
	int r;

	for (uint32_t i = 0; i < n; i++)
		bench_report(&text, i);
	if (text.failed)
		return 1;
	t0 = bench_ms();
	r = bench_read(&text, &splats);
	t1 = bench_ms();
	if (r == 0)
		r = bench_unite(&splats);
	t2 = bench_ms();
	printf("%zu kernel reports, %.1f MB: read in %.0f ms of CPU, united and cut in %.0f ms "
	       "(budget 5000)\n",
		splats.n, (double)text.n / 1e6, t1 - t0, t2 - t1);
	if (splats.n != n)
		r = -1;
	for (size_t i = 0; i < splats.n; i++)
		lockdag_splat_free(splats.items[i]);
	lockdag_vec_clear(&splats);
	lockdag_text_clear(&text);
	return r ? 1 : 0;
}
