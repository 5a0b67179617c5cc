/* SPDX-License-Identifier: MIT
 *
 * What a thread called, by the functions of its innermost frames: exported names are there even in
 * stripped libraries.
 */
#include "internal.h"

#include <string.h>

static const struct {
	const char *function;
	enum lockdag_wait_kind kind;
	enum lockdag_mode mode;
	const char *type;
} primitives[] = {
#define PRIMITIVE(function, kind, mode, type)                                                      \
	{function, LOCKDAG_STILL_##kind, LOCKDAG_##mode, type},
#include "hang/primitives.def"
#undef PRIMITIVE
};

static int primitive_find(const char *function)
{
	size_t n;

	while (*function == '_')
		function++;
	if (!strncmp(function, "GI_", 3))
		for (function += 3; *function == '_';)
			function++;
	n = strcspn(function, "@");
	for (size_t i = 0; i < LOCKDAG_ARRAY_SIZE(primitives); i++)
		if (!strncmp(primitives[i].function, function, n) && !primitives[i].function[n])
			return (int)i;
	return -1;
}

void hang_primitive(
	struct hang *h, uint32_t process, const struct hang_thread *t, struct hang_primitive *ret)
{
	const struct hang_process *p = &h->processes.items[process];
	size_t own = hang_own_frame(p, t);

	*ret = (struct hang_primitive){.kind = LOCKDAG_N_STILL};
	if (own == t->n_frames && own > 8)
		own = 8;
	/* A static program has its C library in itself: look a little further there. */
	if (own == 0)
		own = t->n_frames < 6 ? t->n_frames : 6;
	for (size_t i = 0; i < own; i++) {
		uint32_t first;
		size_t n = hang_symbolize(
			h, process, t->frames[i].pc, !t->frames[i].activation, &first);

		for (size_t k = 0; k < n; k++) {
			const char *function = h->frames.items[first + k].function;
			int found = function ? primitive_find(function) : -1;

			if (function && k + 1 == n)
				ret->outermost = function;
			if (found < 0)
				continue;
			ret->kind = primitives[found].kind;
			ret->mode = primitives[found].mode;
			ret->type = primitives[found].type;
			ret->function = primitives[found].function;
			ret->pc = t->frames[i].pc;
			ret->frame = i;
		}
	}
}
