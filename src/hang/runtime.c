/* SPDX-License-Identifier: MIT
 *
 * Processes whose threads are not only pthreads: CPython (one lock for all), Java and Go (their own
 * schedulers and locks, which memory does not tell from outside).
 */
#include "internal.h"

#include <string.h>

static bool runtime_has_module(const struct hang_process *p, const char *part)
{
	for (size_t i = 0; i < p->regions.n; i++)
		if (p->regions.items[i].path && strstr(p->regions.items[i].path, part))
			return true;
	return false;
}

static const char *runtime_of(const struct hang_process *p)
{
	const char *exe = p->exe ? strrchr(p->exe, '/') : NULL;

	if (runtime_has_module(p, "/libpython") || (exe && !strncmp(exe, "/python", 7)))
		return "CPython";
	if (runtime_has_module(p, "/libjvm.so"))
		return "Java";
	return NULL;
}

void hang_runtime(struct hang *h, uint32_t process)
{
	h->s->processes.items[process].runtime = runtime_of(&h->processes.items[process]);
}
