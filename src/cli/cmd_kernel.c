/* SPDX-License-Identifier: MIT
 *
 * lockdag kernel: the kernel's own lock reports, in any text.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/kernel.h"
#include "cli/output.h"

static int kernel_run(
	const struct cli_settings *settings, struct cli_kernel *kernel, char **paths, int n)
{
	static char dash[] = "-";
	char *const input[] = {dash};
	struct cli_output out;
	bool any_new;
	int status = cli_output_open(&out, settings, STDOUT_FILENO), r;

	if (status)
		return status;
	kernel->suppressions = out.suppressions;
	if (settings->baseline && cli_kernel_baseline(kernel, settings->baseline) < 0) {
		cli_output_close(&out);
		return CLI_EXIT_FAILURE;
	}
	if (settings->follow) {
		status = cli_kernel_follow(
			kernel, n > 0 ? paths : (char **)input, n > 0 ? n : 1, out.file, settings);
		return cli_output_close(&out) < 0 && status == 0
			       ? cli_fail("cannot write the report: %s", strerror(EIO))
			       : status;
	}
	status = n > 0 ? cli_kernel_read(kernel, paths, n, settings->follow)
		       : cli_kernel_read(kernel, (char **)input, 1, settings->follow);
	r = cli_kernel_unite(kernel);
	if (r == 0 && kernel->suppressions)
		r = cli_kernel_suppress(kernel);
	if (r < 0) {
		cli_output_close(&out);
		return cli_fail("kernel: %s", strerror(-r));
	}
	any_new = lockdag_union_n_new(kernel->all) > 0;
	if (settings->only_new && cli_kernel_only_new(kernel) < 0) {
		cli_output_close(&out);
		return cli_fail("kernel: %s", strerror(ENOMEM));
	}
	r = cli_kernel_print(&out, kernel, settings);
	if (cli_output_close(&out) < 0 && r == 0)
		r = -EIO;
	if (r == -EINVAL) /* it was said */
		return CLI_EXIT_FAILURE;
	if (r < 0)
		return cli_fail("cannot write the report: %s", strerror(-r));
	if (status == 0 && any_new && (settings->baseline || settings->only_new))
		status = settings->exit_code;
	return status;
}

int cli_command_kernel(int argc, char **argv)
{
	struct cli_kernel kernel = {0};
	struct cli_settings settings;
	int operand, status;

	if (cli_options_parse(&cli_options_kernel, argc, argv, &settings, &operand) < 0)
		return CLI_EXIT_FAILURE;
	if (settings.help) {
		cli_options_help(&cli_options_kernel, stdout);
		return 0;
	}
	status = kernel_run(&settings, &kernel, argv + operand, argc - operand);
	cli_kernel_done(&kernel);
	return status;
}
