/* SPDX-License-Identifier: MIT */
#include "kernel/kernel.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct lockdag_kernel_scanner {
	struct lockdag_kernel_sink sink;
	char *file; /* NULL: none was begun */
	uint64_t line;
};

int lockdag_kernel_open(
	const struct lockdag_kernel_sink *sink, struct lockdag_kernel_scanner **ret_scanner)
{
	struct lockdag_kernel_scanner *scanner = calloc(1, sizeof(*scanner));

	if (!scanner)
		return -ENOMEM;
	scanner->sink = *sink;
	*ret_scanner = scanner;
	return 0;
}

int lockdag_kernel_begin(struct lockdag_kernel_scanner *scanner, const char *file)
{
	int r = lockdag_kernel_end(scanner);

	if (r < 0)
		return r;
	free(scanner->file);
	scanner->file = strdup(file);
	scanner->line = 1;
	return scanner->file ? 0 : -ENOMEM;
}

int lockdag_kernel_feed(struct lockdag_kernel_scanner *scanner, const void *bytes, size_t n)
{
	(void)scanner;
	(void)bytes;
	(void)n;
	return 0;
}

int lockdag_kernel_flush(struct lockdag_kernel_scanner *scanner)
{
	(void)scanner;
	return 0;
}

int lockdag_kernel_end(struct lockdag_kernel_scanner *scanner)
{
	return lockdag_kernel_flush(scanner);
}

void lockdag_kernel_close(struct lockdag_kernel_scanner *scanner)
{
	if (!scanner)
		return;
	free(scanner->file);
	free(scanner);
}
