/* SPDX-License-Identifier: MIT
 *
 * lockdag completion SHELL: what a shell needs to complete lockdag's commands and options, made from their
 * tables.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/options.h"

/* The words that an argument can be, by what help calls it, with blanks between; NULL: a file or something. */
static const char *completion_words(const char *command, const char *argument)
{
	static const struct {
		const char *argument, *words;
	} all[] = {
		{"on|off", "on off"},
		{"yes|no", "yes no"},
		{"unlikely", "unlikely"},
		{"WHEN", "auto always never"},
		{"ACTION", "report abort kill"},
		{"GRADE",
#define GRADE(upper, word, meaning) word " "
#include "core/grades.def"
#undef GRADE
			"never"},
		{"FORM",
#define FORM(upper, word, meaning) word " "
#include "report/graph_forms.def"
#undef FORM
		},
		{"FORMAT",
#define FORMAT(upper, word, traits, meaning) word " "
#include "report/formats.def"
#undef FORMAT
		},
	};

	if (!strcmp(command, "kernel") && !strcmp(argument, "FORMAT"))
		return "text json kernel";
	if (!strcmp(command, "hang") && !strcmp(argument, "FORMAT"))
		return "text json";
	for (size_t i = 0; i < LOCKDAG_ARRAY_SIZE(all); i++)
		if (!strcmp(argument, all[i].argument))
			return all[i].words;
	return NULL;
}

static bool completion_is_path(const char *argument)
{
	return !strcmp(argument, "FILE") || !strcmp(argument, "DIR");
}

static void completion_commands(FILE *out)
{
	for (size_t i = 0; i < cli_n_commands; i++)
		fprintf(out, "%s%s", i ? " " : "", cli_commands[i].name);
}

/* ------------------------------------------------------------------ bash */

static void bash_values(FILE *out, const struct cli_option_table *t)
{
	for (size_t i = 0; i < t->n; i++) {
		const struct cli_option *o = &t->options[i];
		const char *words = o->argument ? completion_words(t->command, o->argument) : NULL;

		if (!o->argument)
			continue;
		fprintf(out, "\t%s:--%s", t->command, o->name);
		if (o->letter)
			fprintf(out, " | %s:-%c", t->command, o->letter);
		if (words)
			fprintf(out, ") COMPREPLY=($(compgen -W '%s' -- \"$current\")); return ;;\n", words);
		else if (completion_is_path(o->argument))
			fprintf(out, ") COMPREPLY=($(compgen -%c -- \"$current\")); return ;;\n",
				strcmp(o->argument, "DIR") ? 'f' : 'd');
		else
			fprintf(out, ") return ;;\n");
	}
}

static void bash_options(FILE *out, const struct cli_option_table *t)
{
	fprintf(out, "\t\t%s) options='", t->command);
	for (size_t i = 0; i < t->n; i++)
		fprintf(out, "%s--%s", i ? " " : "", t->options[i].name);
	fprintf(out, "' ;;\n");
}

static void completion_bash(FILE *out)
{
	fprintf(out, "# bash completion for lockdag, made by `lockdag completion bash`\n"
		     "_lockdag()\n{\n"
		     "\tlocal current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}\n"
		     "\tlocal command=${COMP_WORDS[1]} options= i\n"
		     "\tif [ \"$COMP_CWORD\" -eq 1 ]; then\n\t\tCOMPREPLY=($(compgen -W '");
	completion_commands(out);
	fprintf(out, "' -- \"$current\"))\n\t\treturn\n\tfi\n"
		     "\tif [ \"$before\" = = ]; then\n\t\tbefore=${COMP_WORDS[COMP_CWORD-2]}\n"
		     "\telif [ \"$current\" = = ]; then\n\t\tcurrent=\n\tfi\n"
		     "\tif [ \"$command\" = run ]; then # the program's own arguments\n"
		     "\t\tfor ((i = 2; i < COMP_CWORD; i++)); do\n"
		     "\t\t\tcase ${COMP_WORDS[i]} in\n\t\t\t--) ((i++)) ;;\n"
		     "\t\t\t-* | =) continue ;;\n\t\t\tesac\n"
		     "\t\t\tcase run:${COMP_WORDS[i-1]} in\n");
	for (size_t i = 0; i < cli_options_run.n; i++)
		if (cli_options_run.options[i].argument)
			fprintf(out, "\t\t\trun:--%s) continue ;;\n", cli_options_run.options[i].name);
	fprintf(out, "\t\t\trun:-o | run:=) continue ;;\n\t\t\tesac\n"
		     "\t\t\tif declare -F _command_offset >/dev/null; then\n"
		     "\t\t\t\t_command_offset \"$i\"\n\t\t\telse\n"
		     "\t\t\t\tCOMPREPLY=($(compgen -f -- \"$current\"))\n\t\t\tfi\n"
		     "\t\t\treturn\n\t\tdone\n\tfi\n\tcase $command:$before in\n");
	for (size_t i = 0; i < cli_n_option_tables; i++)
		bash_values(out, cli_option_tables[i]);
	fprintf(out, "\tesac\n\tif [[ $current == -* ]]; then\n\t\tcase $command in\n");
	for (size_t i = 0; i < cli_n_option_tables; i++)
		bash_options(out, cli_option_tables[i]);
	fprintf(out, "\t\tesac\n\t\tCOMPREPLY=($(compgen -W \"$options\" -- \"$current\"))\n"
		     "\telif [ \"$command\" = help ]; then\n\t\tCOMPREPLY=($(compgen -W '");
	completion_commands(out);
	fprintf(out, "' -- \"$current\"))\n\telif [ \"$command\" = completion ]; then\n"
		     "\t\tCOMPREPLY=($(compgen -W 'bash zsh fish' -- \"$current\"))\n"
		     "\telif [ \"$command\" = run ]; then\n"
		     "\t\tCOMPREPLY=($(compgen -c -- \"$current\"))\n"
		     "\telse\n\t\tCOMPREPLY=($(compgen -f -- \"$current\"))\n\tfi\n}\n"
		     "complete -o filenames -F _lockdag lockdag\n");
}

/* ------------------------------------------------------------------ zsh */

/* text in single quotes; brackets and colons mean something to zsh's _arguments. */
static void zsh_text(FILE *out, const char *text)
{
	for (; *text; text++) {
		if (*text == '\'')
			fputs("'\\'", out);
		else if (strchr("[]:\\", *text))
			fputc('\\', out);
		fputc(*text, out);
	}
}

static void zsh_option(FILE *out, const char *command, const struct cli_option *o)
{
	const char *words = o->argument ? completion_words(command, o->argument) : NULL;

	fprintf(out, "\t\t\t'--%s%s[", o->name, o->argument ? "=" : "");
	zsh_text(out, o->help);
	fputs("]", out);
	if (o->argument) {
		fputs(":", out);
		zsh_text(out, o->argument);
		if (words)
			fprintf(out, ":(%s)", words);
		else
			fputs(completion_is_path(o->argument) ? ":_files" : ":", out);
	}
	fputs("' \\\n", out);
}

static void completion_zsh(FILE *out)
{
	fprintf(out, "#compdef lockdag\n# made by `lockdag completion zsh`\n_lockdag() {\n"
		     "\tlocal -a commands\n\tcommands=(\n");
	for (size_t i = 0; i < cli_n_commands; i++) {
		fprintf(out, "\t\t'%s:", cli_commands[i].name);
		zsh_text(out, cli_commands[i].help);
		fputs("'\n", out);
	}
	fprintf(out, "\t)\n\tif ((CURRENT == 2)); then\n\t\t_describe command commands\n\t\treturn\n"
		     "\tfi\n\tlocal command=$words[2]\n\tshift words\n\t((CURRENT--))\n"
		     "\tcase $command in\n");
	for (size_t i = 0; i < cli_n_option_tables; i++) {
		const struct cli_option_table *t = cli_option_tables[i];

		fprintf(out, "\t\t%s) _arguments \\\n", t->command);
		for (size_t k = 0; k < t->n; k++)
			zsh_option(out, t->command, &t->options[k]);
		fprintf(out, "\t\t\t%s ;;\n", t->command_line ? "'*:: :_normal'" : "'*:file:_files'");
	}
	fprintf(out, "\t\thelp) _describe command commands ;;\n"
		     "\t\tcompletion) _values shell bash zsh fish ;;\n\tesac\n}\n_lockdag \"$@\"\n");
}

/* ------------------------------------------------------------------ fish */

static void fish_text(FILE *out, const char *text)
{
	fputc('\'', out);
	for (; *text; text++) {
		if (*text == '\'' || *text == '\\')
			fputc('\\', out);
		fputc(*text, out);
	}
	fputc('\'', out);
}

static void fish_option(FILE *out, const char *command, const struct cli_option *o)
{
	const char *words = o->argument ? completion_words(command, o->argument) : NULL;

	fprintf(out, "complete -c lockdag -n '__fish_seen_subcommand_from %s' -l %s", command, o->name);
	if (o->letter)
		fprintf(out, " -s %c", o->letter);
	if (words)
		fprintf(out, " -x -a '%s'", words);
	else if (o->argument)
		fputs(" -r", out);
	fputs(" -d ", out);
	fish_text(out, o->help);
	fputc('\n', out);
}

static void completion_fish(FILE *out)
{
	fprintf(out, "# made by `lockdag completion fish`\n");
	for (size_t i = 0; i < cli_n_commands; i++) {
		fprintf(out, "complete -c lockdag -n __fish_use_subcommand -f -a %s -d ",
			cli_commands[i].name);
		fish_text(out, cli_commands[i].help);
		fputc('\n', out);
	}
	for (size_t i = 0; i < cli_n_option_tables; i++)
		for (size_t k = 0; k < cli_option_tables[i]->n; k++)
			fish_option(out, cli_option_tables[i]->command,
				&cli_option_tables[i]->options[k]);
	fprintf(out, "complete -c lockdag -n '__fish_seen_subcommand_from help' -f -a '");
	completion_commands(out);
	fprintf(out, "'\ncomplete -c lockdag -n '__fish_seen_subcommand_from completion' -f -a "
		     "'bash zsh fish'\n");
}

int cli_command_completion(int argc, char **argv)
{
	static const struct {
		const char *shell;
		void (*print)(FILE *out);
	} shells[] = {
		{"bash", completion_bash}, {"zsh", completion_zsh}, {"fish", completion_fish}};

	for (size_t i = 0; argc == 2 && i < LOCKDAG_ARRAY_SIZE(shells); i++) {
		if (strcmp(argv[1], shells[i].shell) != 0)
			continue;
		shells[i].print(stdout);
		return fflush(stdout) ? cli_fail("cannot write: %s", strerror(errno)) : 0;
	}
	return cli_fail("completion: for which shell? usage: lockdag completion bash|zsh|fish");
}
