/* SPDX-License-Identifier: MIT
 *
 * The output of `lockdag kernel`.
 */
#include <errno.h>

#include "cli/kernel.h"

int cli_kernel_print(
	FILE *out, const struct cli_kernel *kernel, const struct cli_settings *settings)
{
	(void)settings;
	for (size_t i = 0; i < kernel->splats.n; i++) {
		const struct lockdag_splat *splat = kernel->splats.items[i];

		fprintf(out, "%s:%llu: %s\n", splat->file, (unsigned long long)splat->line,
			splat->title);
	}
	return ferror(out) ? -EIO : 0;
}
