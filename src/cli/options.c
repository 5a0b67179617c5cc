/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/configure.h"
#include "cli/debuginfod.h"

/* ------------------------------------------------------------------ values */

static int parse_text(void *field, const char *value)
{
	if (!*value)
		return -EINVAL;
	*(const char **)field = value;
	return 0;
}

static int parse_debuginfod(void *field, const char *value)
{
	return cli_debuginfod_is_right(value) ? parse_text(field, value) : -EINVAL;
}

static int parse_flag(void *field, const char *value)
{
	(void)value;
	*(bool *)field = true;
	return 0;
}

/* Puts the place of value in a list of words into *ret. */
static int parse_word(const char *value, const char *const *words, unsigned n, unsigned *ret)
{
	for (unsigned i = 0; i < n; i++) {
		if (!strcmp(value, words[i])) {
			*ret = i;
			return 0;
		}
	}
	return -EINVAL;
}

static int parse_format(void *field, const char *value)
{
	return lockdag_format_parse(value, field);
}

static int parse_list(void *field, const char *value)
{
	struct cli_list *list = field;

	if (!*value || list->n == LOCKDAG_ARRAY_SIZE(list->items))
		return -EINVAL;
	list->items[list->n++] = value;
	return 0;
}

/* FORMAT=FILE */
static int parse_report(void *field, const char *value)
{
	struct cli_reports *reports = field;
	const char *equals = strchr(value, '=');
	char word[32];
	enum lockdag_format format;

	if (!equals || !equals[1] || (size_t)(equals - value) >= sizeof(word) ||
		reports->n == LOCKDAG_ARRAY_SIZE(reports->items))
		return -EINVAL;
	snprintf(word, sizeof(word), "%.*s", (int)(equals - value), value);
	if (lockdag_format_parse(word, &format) < 0)
		return -EINVAL;
	reports->items[reports->n++] = (struct cli_report){format, equals + 1};
	return 0;
}

static int parse_graph_form(void *field, const char *value)
{
	return lockdag_graph_form_parse(value, field);
}

static int parse_columns(void *field, const char *value)
{
	char *end;
	long columns = strtol(value, &end, 10);

	if (!*value || *end || columns < 40 || columns > 10000)
		return -EINVAL;
	*(unsigned *)field = (unsigned)columns;
	return 0;
}

static int parse_cut(void *field, const char *value)
{
	char *end;
	long n = strtol(value, &end, 10);

	if (!*value || *end || n < 1 || n > 1000000)
		return -EINVAL;
	*(unsigned *)field = (unsigned)n;
	return 0;
}

static int parse_fail_on(void *field, const char *value)
{
	enum lockdag_grade grade;

	if (!strcmp(value, "never")) {
		*(unsigned *)field = CLI_FAIL_NEVER;
		return 0;
	}
	if (lockdag_grade_parse(value, &grade) < 0)
		return -EINVAL;
	*(unsigned *)field = grade;
	return 0;
}

static int parse_exit_code(void *field, const char *value)
{
	char *end;
	long code = strtol(value, &end, 10);

	if (!*value || *end || code < 0 || code > 255)
		return -EINVAL;
	*(int *)field = (int)code;
	return 0;
}

static int parse_show(void *field, const char *value)
{
	if (strcmp(value, "unlikely"))
		return -EINVAL;
	*(bool *)field = true;
	return 0;
}

static int parse_color(void *field, const char *value)
{
	static const char *const words[] = {"auto", "always", "never"};
	unsigned i;

	if (parse_word(value, words, 3, &i) < 0)
		return -EINVAL;
	*(enum cli_color *)field = (enum cli_color)i;
	return 0;
}

static int parse_on_deadlock(void *field, const char *value)
{
	static const char *const words[] = {"report", "abort", "kill"};
	unsigned i;

	if (parse_word(value, words, 3, &i) < 0)
		return -EINVAL;
	*(enum cli_on_deadlock *)field = (enum cli_on_deadlock)i;
	return 0;
}

static int parse_on_hang(void *field, const char *value)
{
	static const char *const words[] = {"kill", "report", "core"};
	unsigned i;

	if (parse_word(value, words, 3, &i) < 0)
		return -EINVAL;
	*(enum cli_on_hang *)field = (enum cli_on_hang)i;
	return 0;
}

/* "1.5" to milliseconds; more than nothing, at most a year. */
static int parse_seconds(void *field, const char *value)
{
	char *end;
	double seconds = strtod(value, &end);

	if (end == value || *end || !(seconds >= 0.001) || seconds > 366.0 * 86400)
		return -EINVAL;
	*(int64_t *)field = (int64_t)(seconds * 1000);
	return 0;
}

static int parse_switch(void *field, const char *value, const char *const words[2])
{
	unsigned i;

	if (parse_word(value, words, 2, &i) < 0)
		return -EINVAL;
	*(bool *)field = i != 0;
	return 0;
}

static int parse_yes_no(void *field, const char *value)
{
	static const char *const words[] = {"no", "yes"};

	return parse_switch(field, value, words);
}

static int parse_on_off(void *field, const char *value)
{
	static const char *const words[] = {"off", "on"};

	return parse_switch(field, value, words);
}

/* ------------------------------------------------------------------ tables */

/* The words of a list with commas between. */
static const char help_format[] = "how the report is written: "
#define FORMAT(upper, word, traits, meaning) word ", "
#include "report/formats.def"
#undef FORMAT
				  "default text";
static const char help_graph_form[] = "how the graph is written: "
#define FORM(upper, word, meaning) word " (" meaning "), "
#include "report/graph_forms.def"
#undef FORM
				      "default dot";

#define OPTION(letter, name, argument, kind, field, help)                                          \
	{letter, name, argument, parse_##kind, offsetof(struct cli_settings, field), help},

static const struct cli_option options_run[] = {
#include "options_run.def"
};
static const struct cli_option options_report[] = {
#include "options_report.def"
};
static const struct cli_option options_hang[] = {
#include "options_hang.def"
};
static const struct cli_option options_model[] = {
#include "options_model.def"
};
static const struct cli_option options_kernel[] = {
#include "options_kernel.def"
};
static const struct cli_option options_graph[] = {
#include "options_graph.def"
};
static const struct cli_option options_baseline[] = {
#include "options_baseline.def"
};
static const struct cli_option options_diff[] = {
#include "options_diff.def"
};
#undef OPTION

#define TABLE(name, command_line)                                                                  \
	const struct cli_option_table cli_options_##name = {                                       \
		#name, LOCKDAG_ARRAY_SIZE(options_##name), options_##name, command_line}
TABLE(run, true);
TABLE(report, false);
TABLE(model, false);
TABLE(hang, false);
TABLE(graph, false);
TABLE(baseline, false);
TABLE(diff, false);
TABLE(kernel, false);

const struct cli_option_table *const cli_option_tables[] = {&cli_options_run, &cli_options_report,
	&cli_options_model, &cli_options_graph, &cli_options_hang, &cli_options_baseline,
	&cli_options_diff, &cli_options_kernel};
const size_t cli_n_option_tables = LOCKDAG_ARRAY_SIZE(cli_option_tables);

/* ------------------------------------------------------------------ parsing */

/* What is left of a command line while it is read. */
struct cursor {
	const struct cli_option_table *table;
	struct cli_settings *settings;
	int argc, i;
	char **argv;
};

static const struct cli_option *options_find(
	const struct cli_option_table *table, const char *name, size_t n, char letter)
{
	for (size_t i = 0; i < table->n; i++) {
		const struct cli_option *o = &table->options[i];

		if (letter ? o->letter == letter
			   : strlen(o->name) == n && !strncmp(o->name, name, n))
			return o;
	}
	return NULL;
}

const struct cli_option *cli_option_find(const struct cli_option_table *table, const char *name)
{
	return options_find(table, name, strlen(name), 0);
}

static int options_refuse(const struct cursor *c, const char *what, const char *word)
{
	cli_say("%s: %s %s (`lockdag %s --help` lists the options)", c->table->command, what, word,
		c->table->command);
	return -EINVAL;
}

/* attached: the value that came with the word itself, or NULL. */
static int options_apply(struct cursor *c, const struct cli_option *o, const char *attached)
{
	const char *value = attached;

	if (!o->argument && attached)
		return options_refuse(c, "no value goes with", o->name);
	if (o->argument && !value) {
		if (c->i + 1 >= c->argc)
			return options_refuse(c, "a value is missing after", c->argv[c->i]);
		value = c->argv[++c->i];
	}
	if (o->parse((char *)c->settings + o->field, value) == 0)
		return 0;
	cli_say("%s: --%s: '%s' is not right: %s", c->table->command, o->name, value, o->help);
	return -EINVAL;
}

/* Does another command take it? */
static bool options_elsewhere(const char *name, size_t n)
{
	for (size_t i = 0; i < cli_n_option_tables; i++)
		if (options_find(cli_option_tables[i], name, n, 0))
			return true;
	return false;
}

static int options_long(struct cursor *c, const char *word)
{
	const char *equals = strchr(word, '=');
	size_t n = equals ? (size_t)(equals - word) : strlen(word);
	const struct cli_option *o = options_find(c->table, word, n, 0);

	if (!o && options_elsewhere(word, n))
		return options_refuse(c, "this is an option of other commands:", word - 2);
	if (!o)
		return options_refuse(c, "unknown option", word - 2);
	return options_apply(c, o, equals ? equals + 1 : NULL);
}

static int options_short(struct cursor *c, const char *letters)
{
	for (; *letters; letters++) {
		const struct cli_option *o = options_find(c->table, NULL, 0, *letters);
		const char word[] = {'-', *letters, 0};
		int r;

		if (!o)
			return options_refuse(c, "unknown option", word);
		if (o->argument)
			return options_apply(c, o, letters[1] ? letters + 1 : NULL);
		r = options_apply(c, o, NULL);
		if (r < 0)
			return r;
	}
	return 0;
}

void cli_options_default(struct cli_settings *s)
{
	*s = (struct cli_settings){
		.format = LOCKDAG_FORMAT_TEXT,
		.fail_on = LOCKDAG_POSSIBLE,
		.exit_code = CLI_EXIT_FINDING,
		.follow_exec = true,
		.waits = true,
	};
}

/* Moves the operands among argv[1 .. end) to its end, in their order; returns where they start. */
static int options_gather(char **argv, const bool *is_operand, int end)
{
	int to = end;

	for (int i = end - 1; i >= 1; i--) {
		char *word = argv[i];

		if (!is_operand[i])
			continue;
		to--;
		for (int k = i; k < to; k++)
			argv[k] = argv[k + 1];
		argv[to] = word;
	}
	return to;
}

static int options_walk(struct cursor *c, bool *is_operand)
{
	for (c->i = 1; c->i < c->argc; c->i++) {
		const char *word = c->argv[c->i];
		int r = 0;

		if (!strcmp(word, "--")) {
			c->i++;
			break;
		}
		if (word[0] == '-' && word[1] == '-')
			r = options_long(c, word + 2);
		else if (word[0] == '-' && word[1])
			r = options_short(c, word + 1);
		else if (c->table->command_line)
			break;
		else
			is_operand[c->i] = true;
		if (r < 0)
			return r;
	}
	return 0;
}

/* What the environment and the command line say about where else to look. */
static int options_config(struct cursor *c, bool *is_operand)
{
	int r;

	cli_options_default(c->settings);
	r = cli_configure_words(c->table, getenv("LOCKDAG_OPTIONS"), c->settings);
	return r < 0 ? r : options_walk(c, is_operand);
}

int cli_options_parse(const struct cli_option_table *table, int argc, char **argv,
	struct cli_settings *ret_settings, int *ret_operand)
{
	struct cli_settings settings, first;
	struct cursor c = {table, &first, argc, 0, argv};
	bool *is_operand = calloc((size_t)argc + 1, sizeof(*is_operand));
	int r = is_operand ? options_config(&c, is_operand) : -ENOMEM;

	c.settings = &settings;
	cli_options_default(&settings);
	if (r == 0 && !first.help)
		r = cli_configure_file(table, first.config, &settings);
	if (r == 0)
		r = cli_configure_words(table, getenv("LOCKDAG_OPTIONS"), &settings);
	if (r == 0)
		r = options_walk(&c, is_operand);
	if (r == 0) {
		*ret_operand = options_gather(argv, is_operand, c.i < argc ? c.i : argc);
		*ret_settings = settings;
	}
	free(is_operand);
	return r;
}

/* ------------------------------------------------------------------ help */

static void options_help_text(FILE *out, const char *text)
{
	const size_t indent = 26, width = 98 - indent;

	while (strlen(text) > width) {
		size_t n = width;

		while (n > 0 && text[n] != ' ')
			n--;
		fprintf(out, "%.*s\n%*s", (int)n, text, (int)indent, "");
		text += n + 1;
	}
	fprintf(out, "%s\n", text);
}

void cli_options_help(const struct cli_option_table *table, FILE *out)
{
	const struct cli_command *command = cli_command_find(table->command);

	fprintf(out, "usage: lockdag %s %s\n\n%s\n\n", command->name, command->operands,
		command->help);
	for (size_t i = 0; i < table->n; i++) {
		const struct cli_option *o = &table->options[i];
		char head[64];
		int n = o->letter ? snprintf(head, sizeof(head), "-%c, --%s", o->letter, o->name)
				  : snprintf(head, sizeof(head), "    --%s", o->name);

		if (o->argument && n > 0 && (size_t)n < sizeof(head))
			snprintf(head + n, sizeof(head) - (size_t)n, " %s", o->argument);
		fprintf(out, strlen(head) > 23 ? "  %s\n%26s" : "  %-24s%s", head, "");
		options_help_text(out, o->help);
	}
	fprintf(out, "\nOptions are also taken from LOCKDAG_OPTIONS and from the next file " CLI_CONFIG_NAME
		     "\nfrom here upwards: see lockdag(1).\n");
}
