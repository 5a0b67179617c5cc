/* SPDX-License-Identifier: MIT
 *
 * Debug files from servers, by elfutils' libdebuginfod(3). The library is loaded only when somebody
 * is to be asked (it brings libcurl and thirty more); its functions' types are those of its manual.
 * Who asks may be in a hurry, so there are limits, and a server that broke one is left alone.
 */
#include "internal.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define SERVERS_ANSWER_S 10 /* until the first byte of a file */
#define SERVERS_ALL_S 60    /* for all files together */
#define SERVERS_VARIABLE "DEBUGINFOD_URLS"

static struct {
	struct sym_client *(*begin)(void);
	void (*end)(struct sym_client *);
	/* build_id_len 0: build_id is text in hex */
	int (*find)(
		struct sym_client *, const unsigned char *build_id, int build_id_len, char **path);
	void (*on_progress)(struct sym_client *, int (*)(struct sym_client *, long, long));
	void (*set_context)(struct sym_client *, void *);
	void *(*context)(struct sym_client *);
} servers_api;

static int64_t servers_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int64_t servers_limit(const char *variable, long otherwise)
{
	const char *text = getenv(variable);
	long seconds = text ? strtol(text, NULL, 10) : 0;

	return (int64_t)(seconds > 0 && seconds < 1000000 ? seconds : otherwise) * 1000;
}

static bool servers_load(void)
{
	static const struct {
		const char *name;
		void *function;
	} functions[] = {
		{"debuginfod_begin", &servers_api.begin},
		{"debuginfod_end", &servers_api.end},
		{"debuginfod_find_debuginfo", &servers_api.find},
		{"debuginfod_set_progressfn", &servers_api.on_progress},
		{"debuginfod_set_user_data", &servers_api.set_context},
		{"debuginfod_get_user_data", &servers_api.context},
	};
	/* never closed: libcurl may not be unloaded once it ran */
	void *library = dlopen("libdebuginfod.so.1", RTLD_NOW | RTLD_LOCAL);

	for (size_t i = 0; library && i < LOCKDAG_ARRAY_SIZE(functions); i++) {
		void *function = dlsym(library, functions[i].name);

		if (!function)
			return false;
		memcpy(functions[i].function, &function, sizeof(function));
	}
	return library != NULL;
}

/* Not 0: the library gives up, too. done and total are of the file once total is known; before
 * that, they are anything. */
static int servers_progress(struct sym_client *client, long done, long total)
{
	struct sym_servers *servers = servers_api.context(client);
	int64_t now = servers_now();

	if (total <= 0 && now - servers->begin > servers->answer_ms)
		servers->gave_up = "no answer in time (DEBUGINFOD_TIMEOUT says how many seconds)";
	else if (servers->spent + now - servers->begin > servers->all_ms)
		servers->gave_up = "it takes too long (DEBUGINFOD_MAXTIME says how many seconds)";
	else if (servers->waiting &&
		 !servers->waiting(servers->context, servers->module,
			 total > 0 && done > 0 ? (size_t)done : 0, total > 0 ? (size_t)total : 0))
		servers->gave_up = "interrupted";
	return servers->gave_up != NULL;
}

static void servers_fail(struct lockdag_symbols *s, const char *why)
{
	s->servers.failed = true;
	s->servers.trouble = sym_stringf(s,
		"debuginfod: %s: %s; names and lines of what has no debug information here are "
		"missing",
		s->servers.urls, why);
}

static void servers_open(struct lockdag_symbols *s)
{
	struct sym_servers *servers = &s->servers;

	servers->opened = true;
	servers->answer_ms = servers_limit("DEBUGINFOD_TIMEOUT", SERVERS_ANSWER_S);
	servers->all_ms = servers_limit("DEBUGINFOD_MAXTIME", SERVERS_ALL_S);
	if (!servers_load()) {
		servers_fail(s, "libdebuginfod.so.1 cannot be loaded (Debian: libdebuginfod1)");
		return;
	}
	servers->client = servers_api.begin();
	if (!servers->client) {
		servers_fail(s, strerror(ENOMEM));
		return;
	}
	servers_api.set_context(servers->client, servers);
	servers_api.on_progress(servers->client, servers_progress);
}

/* The library takes the servers from the environment, at each question. */
static int servers_ask(struct sym_servers *servers, const char *build_id, char **ret_path)
{
	const char *text = getenv(SERVERS_VARIABLE);
	char *before = text ? strdup(text) : NULL;
	int fd;

	if ((text && !before) || setenv(SERVERS_VARIABLE, servers->urls, 1)) {
		free(before);
		return -ENOMEM;
	}
	servers->begin = servers_now();
	fd = servers_api.find(servers->client, (const unsigned char *)build_id, 0, ret_path);
	servers->spent += servers_now() - servers->begin;
	if (before)
		setenv(SERVERS_VARIABLE, before, 1);
	else
		unsetenv(SERVERS_VARIABLE);
	free(before);
	return fd;
}

int sym_servers_find(
	struct lockdag_symbols *s, const char *module, const char *build_id, char **ret_path)
{
	struct sym_servers *servers = &s->servers;
	char *path = NULL;
	int fd;

	if (!servers->urls || servers->failed)
		return -1;
	if (!servers->opened)
		servers_open(s);
	if (servers->failed)
		return -1;
	servers->module = module;
	fd = servers_ask(servers, build_id, &path);
	if (fd >= 0 && path) {
		*ret_path = path;
		return fd;
	}
	if (fd >= 0)
		close(fd);
	free(path);
	/* That it has no such file is an answer; it is the same number when we gave up. */
	if (fd < 0 && (servers->gave_up || fd != -ENOENT))
		servers_fail(s, servers->gave_up ? servers->gave_up : strerror(-fd));
	return -1;
}

void sym_servers_done(struct sym_servers *servers)
{
	if (servers->client)
		servers_api.end(servers->client);
	free(servers->urls);
	*servers = (struct sym_servers){0};
}

bool lockdag_symbols_fetch(struct lockdag_symbols *s)
{
	bool any = false;

	for (size_t i = 0; i < s->modules.n; i++)
		any |= sym_module_fetch(s->modules.items[i]);
	return any;
}

const char *lockdag_symbols_trouble(const struct lockdag_symbols *s)
{
	return s->servers.trouble;
}
