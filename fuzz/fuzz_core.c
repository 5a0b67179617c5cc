/* SPDX-License-Identifier: MIT
 *
 * A whole core file, of whatever was cut, overwritten or made up: opened, unwound, judged.
 *
 * Input: the file. Files that it names are not there (their paths are made to begin with /nowhere by
 * the seeds; a mutant may name any, which is only read).
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "hang/hang.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fuzz_check(const struct lockdag_standstill *s)
{
	assert(s->core && s->sentence && s->threads.n && s->processes.n == 1);
	for (size_t i = 0; i < s->threads.n; i++) {
		const struct lockdag_still_thread *t = &s->threads.items[i];

		assert(t->process == 0 && (unsigned)t->kind < LOCKDAG_N_STILL);
		assert(t->lock == LOCKDAG_NONE || t->lock < s->locks.n);
		assert((uint64_t)t->rescuers + t->n_rescuers <= s->rescuers.n);
	}
	for (size_t i = 0; i < s->cycles.n; i++)
		for (size_t k = 0; k < s->cycles.items[i].n; k++)
			assert(s->threads.items[s->cycles.items[i].steps[k].thread].stuck);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct lockdag_hang_error error;
	struct lockdag_standstill *s;
	char path[64];
	int fd = memfd_create("core", MFD_CLOEXEC);

	if (fd < 0)
		return 0;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (write(fd, data, size) == (ssize_t)size) {
		if (lockdag_hang_core(path, NULL, &s, &error) == 0) {
			fuzz_check(s);
			lockdag_standstill_free(s);
		} else {
			assert(*error.message && memchr(error.message, 0, sizeof(error.message)));
		}
	}
	close(fd);
	return 0;
}
