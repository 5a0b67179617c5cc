/* SPDX-License-Identifier: MIT
 *
 * Options as they stand in a file (an even first byte) or in LOCKDAG_OPTIONS, for each of the commands.
 * What is taken changes nothing but the settings; what is refused says so on stderr.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/configure.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct cli_option_table *table;
	struct cli_settings settings;
	char *text;

	if (!size || size > 1 << 14)
		return 0;
	table = cli_option_tables[data[0] / 2 % cli_n_option_tables];
	text = malloc(size);
	if (!text)
		return 0;
	memcpy(text, data + 1, size - 1);
	text[size - 1] = 0;
	cli_options_default(&settings);
	if (data[0] & 1)
		cli_configure_words(table, text, &settings);
	else
		cli_configure_text(table, "file", "/directory", text, size - 1, &settings);
	cli_configure_done();
	free(text);
	return 0;
}
