/* SPDX-License-Identifier: MIT
 *
 * What a strange kernel or a broken core file may hold: texts of /proc and notes of cores.
 *
 * Input: one byte that picks the parser, then what it reads.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "hang/internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fuzz_text(unsigned which, const char *text)
{
	struct hang_process p = {0};
	struct hang_sample sample;
	struct hang_status status;
	struct hang_region region;
	struct hang_lock_line lock;
	char state;

	switch (which) {
	case 0:
		if (hang_parse_stat(text, &p, &state))
			assert(memchr(p.name, 0, sizeof(p.name)));
		break;
	case 1:
		if (hang_parse_syscall(text, &sample))
			assert(sample.running || sample.nr >= -1 || sample.nr < -1);
		break;
	case 2:
		hang_parse_status(text, &status);
		break;
	case 3:
		if (hang_parse_region(text, &region))
			assert(region.start < region.end &&
				(!region.path || (region.path > text &&
							 region.path <= text + strlen(text))));
		break;
	default:
		if (hang_parse_lock(text, &lock))
			assert(lock.type <= HANG_OFD);
	}
}

static void fuzz_note(unsigned which, const void *desc, size_t n)
{
	struct hang_process p = {0};
	struct hang_thread t;

	if (which == 0) {
		hang_note_prstatus(desc, n, &t);
	} else if (which == 1) {
		if (hang_note_prpsinfo(desc, n, &p))
			assert(memchr(p.name, 0, sizeof(p.name)));
	} else {
		hang_note_files(desc, n, &p);
	}
	for (size_t i = 0; i < p.regions.n; i++) {
		assert(p.regions.items[i].start < p.regions.items[i].end);
		free(p.regions.items[i].path);
	}
	lockdag_vec_clear(&p.regions);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text;

	if (!size)
		return 0;
	if (data[0] % 8 >= 5) {
		fuzz_note(data[0] % 8 - 5, data + 1, size - 1);
		return 0;
	}
	text = malloc(size);
	if (!text)
		return 0;
	memcpy(text, data + 1, size - 1);
	text[size - 1] = 0;
	fuzz_text(data[0] % 8, text);
	free(text);
	return 0;
}
