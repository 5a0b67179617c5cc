/* SPDX-License-Identifier: MIT */
#include "kernel/kernel.h"

int lockdag_splat_print(const struct lockdag_splat *splat, struct lockdag_text *text)
{
	lockdag_text_addf(text, "%s\n", splat->title);
	return 0;
}
