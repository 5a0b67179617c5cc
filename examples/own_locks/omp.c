/* SPDX-License-Identifier: MIT
 *
 * own-locks-omp [clean]: two OpenMP threads, an index under an omp_lock_t and a log in a critical section. One
 * thread logs with the index locked, the other one looks into the index from within the log. With
 * "clean", it looks first.
 */
#include <omp.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static omp_lock_t index_lock;
static int entries, lines, clean;

static void log_line(void)
{
#pragma omp critical(log_section)
	lines++;
}

static void add(void)
{
	omp_set_lock(&index_lock);
	entries++;
	log_line();
	omp_unset_lock(&index_lock);
}

static int count(void)
{
	int n;

	omp_set_lock(&index_lock);
	n = entries;
	omp_unset_lock(&index_lock);
	return n;
}

static void report(void)
{
	const struct timespec later = {0, 50000000}; /* so that it does not really hang here */
	int n = 0;

	nanosleep(&later, NULL);
	if (clean)
		n = count();
#pragma omp critical(log_section)
	lines += clean ? n : count();
}

int main(int argc, char **argv)
{
	clean = argc > 1 && !strcmp(argv[1], "clean");
	omp_init_lock(&index_lock);
#pragma omp parallel num_threads(2)
	{
		if (omp_get_thread_num())
			report();
		else
			add();
	}
	omp_destroy_lock(&index_lock);
	printf("%d lines\n", lines);
	return 0;
}
