/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>

#include "cli/source.h"

void cli_source_done(struct cli_source *source)
{
	for (size_t i = 0; i < source->blocked.n; i++)
		free(source->blocked.items[i].live);
	lockdag_vec_clear(&source->blocked);
	lockdag_vec_clear(&source->stopped);
	lockdag_vec_clear(&source->classes);
	lockdag_vec_clear(&source->keys);
	lockdag_vec_clear(&source->threads);
	lockdag_vec_clear(&source->modules);
	lockdag_session_close(source->session);
	source->session = NULL;
}

bool cli_source_grow(void **items, size_t *n, size_t *cap, size_t size, size_t row)
{
	while (*n <= row) {
		if (!lockdag_vec_grow(items, *n, cap, size))
			return false;
		++*n;
	}
	return true;
}

int cli_source_module(struct cli_source *source, struct lockdag_symbols *symbols, uint32_t row)
{
	struct lockdag_session_module module;
	char build_id[2 * sizeof(module.build_id) + 1] = "";
	int *number;

	/* Kept as number + 1, so that a new row of the vector (0) is an unknown one. */
	if (row >= LOCKDAG_MAX_MODULES)
		return -1;
	number = cli_source_known(&source->modules, row);
	if (!number || *number < 0)
		return -1;
	if (*number > 0)
		return *number - 1;
	if (!lockdag_session_module(source->session, row, &module))
		return -1;
	for (size_t i = 0; i < module.n_build_id && i < sizeof(module.build_id); i++)
		snprintf(build_id + 2 * i, 3, "%02x", module.build_id[i]);
	*number = lockdag_symbols_add_module(symbols, module.path, *build_id ? build_id : NULL);
	if (*number < 0)
		return -1;
	return (*number)++;
}

bool cli_source_inherits(const struct cli_source *source, uint32_t process, uint32_t module_process)
{
	struct lockdag_session_process row;

	for (unsigned depth = 0; depth < CLI_SOURCE_MAX_FORKS; depth++) {
		if (process == module_process)
			return true;
		if (!lockdag_session_process(source->session, process, &row) ||
			row.how != LOCKDAG_PROCESS_FORK || row.parent == process)
			return false;
		process = row.parent;
	}
	return false;
}

uint64_t cli_source_frame(const struct cli_source *source, uint32_t process, uint64_t address)
{
	uint32_t n = lockdag_session_n_modules(source->session);
	struct lockdag_session_module module;

	for (uint32_t i = 0; i < n && i < LOCKDAG_FRAME_NO_MODULE; i++)
		if (lockdag_session_module(source->session, i, &module) &&
			address >= module.start && address < module.end &&
			cli_source_inherits(source, process, module.process))
			return LOCKDAG_FRAME(i, address - module.base);
	return LOCKDAG_FRAME(LOCKDAG_FRAME_NO_MODULE, address);
}
