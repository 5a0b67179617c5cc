/* SPDX-License-Identifier: MIT
 *
 * How long names take: distinct addresses in the functions of a program, each to its functions
 *(inlined ones too), files and lines. A process's first and only look, as a report's is.
 *	bench_symbols PROGRAM [ADDRESSES]
 */
#include <fcntl.h>
#include <gelf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/vec.h"
#include "symbols/symbols.h"

#define BENCH_ADDRESSES 1000

static uint64_t bench_state = 88172645463325252u;

static uint64_t bench_random(uint64_t below)
{
	bench_state ^= bench_state << 13;
	bench_state ^= bench_state >> 7;
	bench_state ^= bench_state << 17;
	return (bench_state >> 11) % below;
}

static double bench_ms(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

struct bench_function {
	uint64_t low, size;
};

static LOCKDAG_VEC(struct bench_function) bench_functions;

static void bench_read(Elf *elf)
{
	Elf_Scn *section = NULL;
	GElf_Shdr header;

	while ((section = elf_nextscn(elf, section))) {
		Elf_Data *data;
		GElf_Sym symbol;

		if (!gelf_getshdr(section, &header) || header.sh_type != SHT_SYMTAB)
			continue;
		data = elf_getdata(section, NULL);
		for (int i = 1; data && gelf_getsym(data, i, &symbol); i++) {
			struct bench_function *row = NULL;

			if (GELF_ST_TYPE(symbol.st_info) == STT_FUNC && symbol.st_size > 8)
				row = lockdag_vec_push(&bench_functions);
			if (row)
				*row = (struct bench_function){symbol.st_value, symbol.st_size};
		}
	}
}

static int bench_open(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	Elf *elf;

	elf_version(EV_CURRENT);
	elf = fd < 0 ? NULL : elf_begin(fd, ELF_C_READ_MMAP, NULL);
	if (!elf)
		return -1;
	bench_read(elf);
	elf_end(elf);
	close(fd);
	return bench_functions.n ? 0 : -1;
}

static int bench_compare(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* In the order of chance; how many are distinct. */
static size_t bench_choose(uint64_t *addresses, size_t n)
{
	uint64_t *sorted = calloc(n, sizeof(*sorted));
	size_t distinct = 0;

	for (size_t i = 0; i < n; i++) {
		const struct bench_function *f =
			&bench_functions.items[bench_random(bench_functions.n)];

		addresses[i] = f->low + 1 + bench_random(f->size - 1);
	}
	if (!sorted)
		return 0;
	memcpy(sorted, addresses, n * sizeof(*sorted));
	qsort(sorted, n, sizeof(*sorted), bench_compare);
	for (size_t i = 0; i < n; i++)
		distinct += !i || sorted[i] != sorted[i - 1];
	free(sorted);
	return distinct;
}

int main(int argc, char **argv)
{
	size_t n = argc > 2 ? strtoul(argv[2], NULL, 10) : BENCH_ADDRESSES;
	uint64_t *addresses = calloc(n ? n : 1, sizeof(*addresses));
	struct lockdag_frame frames[LOCKDAG_MAX_INLINE];
	size_t distinct, n_frames = 0, inlined = 0, lines = 0;
	struct lockdag_symbols *s;
	double wall, cpu;
	int module;

	if (argc < 2 || !n || !addresses || bench_open(argv[1]) < 0) {
		fputs("usage: bench_symbols PROGRAM [ADDRESSES]\n", stderr);
		return 1;
	}
	distinct = bench_choose(addresses, n);
	wall = bench_ms(CLOCK_MONOTONIC);
	cpu = bench_ms(CLOCK_PROCESS_CPUTIME_ID);
	if (lockdag_symbols_new(NULL, &s) < 0 ||
		(module = lockdag_symbols_add_module(s, argv[1], NULL)) < 0)
		return 1;
	for (size_t i = 0; i < n; i++) {
		int k = lockdag_symbols_frames(
			s, module, addresses[i], true, frames, LOCKDAG_MAX_INLINE);

		n_frames += (size_t)k;
		inlined += (size_t)k - 1;
		lines += k > 0 && frames[0].line;
	}
	wall = bench_ms(CLOCK_MONOTONIC) - wall;
	cpu = bench_ms(CLOCK_PROCESS_CPUTIME_ID) - cpu;
	printf("%zu addresses (%zu distinct, %zu with a line): %zu frames, %zu of them inlined, in "
	       "%.0f ms, "
	       "%.0f ms of CPU\n",
		n, distinct, lines, n_frames, inlined, wall, cpu);
	lockdag_symbols_free(s);
	free(addresses);
	lockdag_vec_clear(&bench_functions);
	return 0;
}
