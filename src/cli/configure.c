/* SPDX-License-Identifier: MIT */
#include "cli/configure.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "base/vec.h"
#include "cli/cli.h"
#include "cli/order.h"

/* Values that settings point to, for the life of the program. */
static LOCKDAG_VEC(char *) configure_kept;

static const char *configure_keep(char *text)
{
	char **row = text ? lockdag_vec_push(&configure_kept) : NULL;

	if (!row) {
		free(text);
		return NULL;
	}
	return *row = text;
}

void cli_configure_done(void)
{
	for (size_t i = 0; i < configure_kept.n; i++)
		free(configure_kept.items[i]);
	lockdag_vec_clear(&configure_kept);
}

/* Where an option comes from, for messages. */
struct configure {
	const struct cli_option_table *table;
	struct cli_settings *settings;
	const char *path; /* of a file, or NULL: the environment */
	const char *directory;
	unsigned line;
	const char *command; /* of a section, or NULL */
};

LOCKDAG_PRINTF(2, 3) static int configure_refuse(const struct configure *c, const char *fmt, ...)
{
	char *what;
	va_list ap;
	int r;

	va_start(ap, fmt);
	r = vasprintf(&what, fmt, ap);
	va_end(ap);
	if (r < 0)
		return -ENOMEM;
	if (c->path)
		cli_say("%s:%u: %s", c->path, c->line, what);
	else
		cli_say("LOCKDAG_OPTIONS: %s", what);
	free(what);
	return -EINVAL;
}

/* A path in a file is told from where the file lies. */
static const char *configure_value(const struct configure *c, const char *argument, const char *value)
{
	const char *equals = strchr(value, '=');
	const char *path = value;

	if (!c->directory || !argument)
		return value;
	if (!strcmp(argument, "FORMAT=FILE") && equals)
		path = equals + 1;
	else if (strcmp(argument, "FILE") != 0 && strcmp(argument, "DIR") != 0)
		return value;
	if (*path == '/' || !*path || !strcmp(path, "-"))
		return value;
	return configure_keep(
		lockdag_textf("%.*s%s/%s", (int)(path - value), value, c->directory, path));
}

/* 0: the option took the value; -ENOENT: the command has no such option; -EINVAL: it is not right. */
static int configure_try(const struct configure *c, const struct cli_option_table *table,
	const char *name, const char *value, struct cli_settings *settings)
{
	const struct cli_option *o = cli_option_find(table, name);

	if (!o)
		return -ENOENT;
	if (!o->argument && value) { /* a switch can be turned off again */
		if (strcmp(value, "yes") != 0 && strcmp(value, "no") != 0)
			return -EINVAL;
		*(bool *)((char *)settings + o->field) = !strcmp(value, "yes");
		return 0;
	}
	if (o->argument && !value)
		return -EINVAL;
	value = value ? configure_value(c, o->argument, value) : NULL;
	if (o->argument && !value)
		return -ENOMEM;
	return o->parse((char *)settings + o->field, value);
}

static int configure_apply(struct configure *c, const char *name, const char *value)
{
	static const char *const never[] = {"help", "config"};
	struct cli_settings scratch;
	bool known = false;
	int r = -ENOENT;

	for (size_t i = 0; i < LOCKDAG_ARRAY_SIZE(never); i++)
		if (!strcmp(name, never[i]) && (c->path || i == 0))
			return configure_refuse(c, "%s is for the command line", name);
	if (!c->command || !strcmp(c->command, c->table->command))
		r = configure_try(c, c->table, name, value, c->settings);
	if (r == 0 || r == -ENOMEM)
		return r;
	for (size_t i = 0; i < cli_n_option_tables; i++) {
		const struct cli_option_table *other = cli_option_tables[i];

		if (c->command && strcmp(c->command, other->command) != 0)
			continue;
		cli_options_default(&scratch);
		r = configure_try(c, other, name, value, &scratch);
		if (r == 0)
			return 0;
		known |= r == -EINVAL;
	}
	if (!known)
		return configure_refuse(c, "unknown option %s%s%s", name, c->command ? " of " : "",
			c->command ? c->command : "");
	if (!value)
		return configure_refuse(c, "%s: a value is missing", name);
	return configure_refuse(c, "%s: '%s' is not right", name, value);
}

/* ------------------------------------------------------------------ LOCKDAG_OPTIONS */

/* Takes a word off *text: blanks part words, quotes and backslashes as in a shell. NULL: none is left, or
 * *ret_open: a quote does not end. */
static char *configure_word(const char **text, bool *ret_open)
{
	const char *s = *text;
	struct lockdag_text word = {0};
	char quote = 0;

	s += strspn(s, " \t\n");
	if (!*s)
		return NULL;
	for (; *s && (quote || !strchr(" \t\n", *s)); s++) {
		if (quote ? *s == quote : *s == '"' || *s == '\'')
			quote = quote ? 0 : *s;
		else if (*s == '\\' && quote != '\'' && s[1])
			lockdag_text_add_n(&word, ++s, 1);
		else
			lockdag_text_add_n(&word, s, 1);
	}
	*text = s;
	*ret_open = quote != 0;
	lockdag_text_add(&word, "");
	return lockdag_text_take(&word);
}

/* Does any command's option of that name take a value? */
static bool configure_takes_value(const char *name)
{
	for (size_t i = 0; i < cli_n_option_tables; i++) {
		const struct cli_option *o = cli_option_find(cli_option_tables[i], name);

		if (o && o->argument)
			return true;
	}
	return false;
}

static int configure_long(struct configure *c, const char *word, const char **text)
{
	char *equals = strchr(word, '='), *next;
	const char *value = NULL;
	bool open = false;

	if (equals) {
		*equals = 0;
		value = equals + 1;
	} else if (configure_takes_value(word)) {
		next = configure_word(text, &open);
		if (!next || open) {
			free(next);
			return configure_refuse(c, "%s: a value is missing", word);
		}
		value = configure_keep(next);
	}
	return configure_apply(c, word, value);
}

int cli_configure_words(
	const struct cli_option_table *table, const char *text, struct cli_settings *settings)
{
	struct configure c = {.table = table, .settings = settings};
	int r = 0;

	while (r == 0 && text && *text) {
		bool open = false;
		char *word = configure_word(&text, &open);

		if (!word)
			break;
		configure_keep(word);
		if (open)
			r = configure_refuse(&c, "a quote does not end");
		else if (strncmp(word, "--", 2) != 0 || !word[2])
			r = configure_refuse(&c, "'%s' is no long option", word);
		else
			r = configure_long(&c, word + 2, &text);
	}
	return r;
}

/* ------------------------------------------------------------------ a file */

static char *configure_trim(char *s)
{
	size_t n;

	s += strspn(s, " \t\r");
	n = strlen(s);
	while (n && strchr(" \t\r", s[n - 1]))
		s[--n] = 0;
	return s;
}

static int configure_section(struct configure *c, char *line)
{
	size_t n = strlen(line);

	if (line[n - 1] != ']')
		return configure_refuse(c, "a section is [COMMAND]");
	line[n - 1] = 0;
	line = configure_trim(line + 1);
	for (size_t i = 0; i < cli_n_option_tables; i++)
		if (!strcmp(cli_option_tables[i]->command, line)) {
			c->command = cli_option_tables[i]->command;
			return 0;
		}
	return configure_refuse(c, "no command with options is called '%s'", line);
}

static int configure_line(struct configure *c, char *line)
{
	char *equals, *value = NULL;
	size_t n;

	line = configure_trim(line);
	if (!*line || *line == '#')
		return 0;
	if (*line == '[')
		return configure_section(c, line);
	equals = strchr(line, '=');
	if (equals) {
		*equals = 0;
		line = configure_trim(line);
		value = configure_trim(equals + 1);
		n = strlen(value);
		if (n > 1 && value[0] == '"' && value[n - 1] == '"') {
			value[n - 1] = 0;
			value++;
		}
	}
	return configure_apply(c, line, value);
}

int cli_configure_text(const struct cli_option_table *table, const char *path, const char *directory,
	const char *text, size_t n, struct cli_settings *settings)
{
	struct configure c = {
		.table = table, .settings = settings, .path = path, .directory = directory};
	const char *end = text + n;
	int r = 0;

	while (r == 0 && text < end) {
		const char *line_end = memchr(text, '\n', (size_t)(end - text));
		size_t length = (size_t)((line_end ? line_end : end) - text);
		char *line = strndup(text, length);

		c.line++;
		if (line && memchr(text, 0, length))
			r = configure_refuse(&c, "this is no text");
		else
			r = line ? configure_line(&c, line) : -ENOMEM;
		configure_keep(line);
		text = line_end ? line_end + 1 : end;
	}
	return r;
}

/* Somebody else's file must not choose what is written where. */
static bool configure_may_use(const char *path, const struct stat *st)
{
	bool ours = st->st_uid == geteuid() || st->st_uid == 0;

	if (S_ISREG(st->st_mode) && ours && !(st->st_mode & S_IWOTH))
		return true;
	if (S_ISREG(st->st_mode))
		cli_say("%s is not used: %s", path,
			ours ? "everybody may write to it" : "it belongs to another user");
	return false;
}

/* The next .lockdag from the working directory upwards, in path. */
static bool configure_search(char *path, size_t size)
{
	struct stat st;
	char *end;

	if (!getcwd(path, size - sizeof("/" CLI_CONFIG_NAME)))
		return false;
	for (end = path + strlen(path);; *end = 0) {
		if (end > path && end[-1] == '/') /* the root */
			end--;
		strcpy(end, "/" CLI_CONFIG_NAME);
		if (stat(path, &st) == 0 && configure_may_use(path, &st))
			return true;
		if (end == path)
			return false;
		while (*--end != '/')
			;
	}
}

int cli_configure_file(
	const struct cli_option_table *table, const char *path, struct cli_settings *settings)
{
	struct lockdag_text text = {0};
	char found[4096], *directory, *slash;
	int r;

	if (path && !strcmp(path, "none"))
		return 0;
	if (!path && !configure_search(found, sizeof(found)))
		return 0;
	path = path ? path : found;
	r = cli_text_read(path, &text);
	if (r < 0) {
		cli_say("%s: %s", path, strerror(-r));
		lockdag_text_clear(&text);
		return r;
	}
	directory = strdup(path);
	slash = directory ? strrchr(directory, '/') : NULL;
	if (slash)
		*slash = 0;
	r = directory ? cli_configure_text(table, configure_keep(strdup(path)),
				slash ? directory : NULL, text.n ? text.s : "", text.n, settings)
		      : -ENOMEM;
	free(directory);
	lockdag_text_clear(&text);
	return r;
}
