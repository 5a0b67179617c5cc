/* SPDX-License-Identifier: MIT
 *
 * How fast a console log with few lock reports is read (DESIGN 11: 100 MB/s), beside a loop that
 *only finds the lines. bench_kernel [MEGABYTES]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "kernel/kernel.h"

#define BENCH_PIECE ((size_t)256 << 10)
#define BENCH_BETWEEN ((size_t)20 << 20) /* bytes of other messages between two reports */

static const char bench_report[] =
	"\n======================================================\n"
	"WARNING: possible circular locking dependency detected\n6.1.0 #1 Not tainted\n"
	"------------------------------------------------------\ntask/26 is trying to acquire "
	"lock:\n"
	"ffffffff818dd670 (lk_a){+.+.}-{4:4}, at: inner+0xe/0x20\n\nbut task is already holding "
	"lock:\n"
	"ffffffff818dd530 (lk_b){+.+.}-{4:4}, at: outer+0xe/0x20\n\n"
	"the existing dependency chain (in reverse order) is:\n\n-> #1 (lk_b){+.+.}-{4:4}:\n"
	"       lock_acquire+0xcd/0x2d0\n\n-> #0 (lk_a){+.+.}-{4:4}:\n       "
	"lock_acquire+0xcd/0x2d0\n\n"
	"1 lock held by task/26:\n #0: ffffffff818dd530 (lk_b){+.+.}-{4:4}, at: outer+0xe/0x20\n"
	"\nstack backtrace:\nCPU: 3 PID: 26 Comm: task Not tainted 6.1.0 #1\nCall Trace:\n "
	"f+0x1/0x2\n";

/* A log of about n bytes; *ret_n: its size, *ret_reports: how many it has. */
static char *bench_log(size_t n, size_t *ret_n, size_t *ret_reports)
{
	static const char *const words[] = {
		"usb 1-1: new high-speed USB device number %u using xhci_hcd",
		"eth0: NIC Link is Up %u Mbps Full Duplex, Flow Control: RX/TX",
		"EXT4-fs (sda%u): mounted filesystem with ordered data mode. Opts: (null)",
		"audit: type=1400 audit(%u): apparmor=\"STATUS\" operation=\"profile_load\" "
		"name=\"lock\"",
		"systemd[1]: Started Session %u of user locked."};
	char *log = malloc(n + 4096);
	size_t at = 0, next = BENCH_BETWEEN / 2;

	*ret_reports = 0;
	for (unsigned i = 0; log && at < n; i++) {
		at += (size_t)sprintf(log + at, "[%12.6f] ", i / 1000.0);
		at += (size_t)sprintf(log + at, words[i % LOCKDAG_ARRAY_SIZE(words)], i);
		log[at++] = '\n';
		if (at < next)
			continue;
		memcpy(log + at, bench_report, sizeof(bench_report) - 1);
		at += sizeof(bench_report) - 1;
		next = at + BENCH_BETWEEN;
		(*ret_reports)++;
	}
	*ret_n = at;
	return log;
}

static double bench_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int bench_splat(void *context, struct lockdag_splat *splat)
{
	(*(size_t *)context)++;
	lockdag_splat_free(splat);
	return 0;
}

/* Returns how many reports were found; SIZE_MAX: it failed. */
static size_t bench_scan(const char *log, size_t n)
{
	size_t found = 0;
	const struct lockdag_kernel_sink sink = {.splat = bench_splat, .context = &found};
	struct lockdag_kernel_scanner *scanner;
	int r = lockdag_kernel_open(&sink, &scanner);

	if (r < 0)
		return SIZE_MAX;
	r = lockdag_kernel_begin(scanner, "log");
	for (size_t at = 0; r == 0 && at < n; at += BENCH_PIECE)
		r = lockdag_kernel_feed(
			scanner, log + at, n - at < BENCH_PIECE ? n - at : BENCH_PIECE);
	if (r == 0)
		r = lockdag_kernel_end(scanner);
	lockdag_kernel_close(scanner);
	return r < 0 ? SIZE_MAX : found;
}

static size_t bench_lines(const char *log, size_t n)
{
	size_t lines = 0;

	for (const char *p = log, *end = log + n; (p = memchr(p, '\n', (size_t)(end - p))); p++)
		lines++;
	return lines;
}

int main(int argc, char **argv)
{
	size_t megabytes = argc > 1 ? strtoul(argv[1], NULL, 10) : 200, n, reports, lines;
	char *log = bench_log((megabytes ? megabytes : 1) << 20, &n, &reports);
	double best = 1e9, best_lines = 1e9;

	for (int round = 0; log && round < 5; round++) {
		double start = bench_seconds(), scanned;

		if (bench_scan(log, n) != reports) {
			fprintf(stderr, "bench_kernel: not all reports were found\n");
			return 1;
		}
		scanned = bench_seconds();
		lines = bench_lines(log, n);
		best = scanned - start < best ? scanned - start : best;
		start = bench_seconds() - scanned;
		best_lines = start < best_lines && lines > 0 ? start : best_lines;
	}
	if (!log)
		return 1;
	printf("%.0f %.0f\n", (double)n / best / 1e6, (double)n / best_lines / 1e6);
	free(log);
	return 0;
}
