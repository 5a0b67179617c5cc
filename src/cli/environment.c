/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/cli.h"
#include "cli/environment.h"

#define GUEST_NAME "liblockdag-guest.so"

/* Relative to the directory of the program: where the build leaves it, where install puts it. */
static const char *const guest_places[] = {
	"../lib/" GUEST_NAME,
	"../" LOCKDAG_LIBDIR "/lockdag/" GUEST_NAME,
	"../lib/x86_64-linux-gnu/lockdag/" GUEST_NAME,
	"../lib/lockdag/" GUEST_NAME,
	"../lib64/lockdag/" GUEST_NAME,
};

/* Real path of the guest, or false. */
static bool guest_search(char *real)
{
	char exe[4096], path[4096 + 128];
	ssize_t n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
	char *slash;

	if (n <= 0)
		return false;
	exe[n] = 0;
	slash = strrchr(exe, '/');
	if (!slash)
		return false;
	*slash = 0;
	for (size_t i = 0; i < LOCKDAG_ARRAY_SIZE(guest_places); i++) {
		snprintf(path, sizeof(path), "%s/%s", exe, guest_places[i]);
		if (realpath(path, real) && access(real, R_OK) == 0)
			return true;
	}
	return false;
}

int cli_guest_find(char *buffer, size_t size)
{
	const char *wish = getenv("LOCKDAG_GUEST");
	char real[4096];

	if (wish && *wish) {
		if (!realpath(wish, real) || access(real, R_OK) < 0)
			return cli_fail("LOCKDAG_GUEST: %s: %s", wish, strerror(errno));
	} else if (!guest_search(real)) {
		return cli_fail(GUEST_NAME " is not where lockdag looks for it (../lib beside the "
					   "program); LOCKDAG_GUEST names another place");
	}
	if (strpbrk(real, " :$"))
		return cli_fail(
			"%s: the loader takes no preload with a space, a colon or a dollar sign "
			"in its path; install lockdag elsewhere",
			real);
	if ((size_t)snprintf(buffer, size, "%s", real) >= size)
		return cli_fail("%s: %s", real, strerror(ENAMETOOLONG));
	return 0;
}

/* Sets name to `old` and `added`, joined by a colon; to `added` alone when there is no old. */
static int environment_join(const char *name, const char *old, const char *added, bool prepend)
{
	char *value;
	int r;

	if (!old || !*old)
		return setenv(name, added, 1) < 0 ? -errno : 0;
	value = prepend ? lockdag_textf("%s:%s", added, old) : lockdag_textf("%s:%s", old, added);
	if (!value)
		return -ENOMEM;
	r = setenv(name, value, 1) < 0 ? -errno : 0;
	free(value);
	return r;
}

int cli_environment_set(const char *guest, int session_fd, int judge_pid, bool asan)
{
	const char *options = getenv("ASAN_OPTIONS");
	char session[96];
	struct stat st;
	int r;

	if (fstat(session_fd, &st) < 0)
		return -errno;
	snprintf(session, sizeof(session), "%d:%llu:%llu:%d", session_fd,
		(unsigned long long)st.st_dev, (unsigned long long)st.st_ino, judge_pid);
	if (setenv("LOCKDAG_SESSION", session, 1) < 0)
		return -errno;
	r = environment_join("LD_PRELOAD", getenv("LD_PRELOAD"), guest, true);
	if (r == 0 && asan && !(options && strstr(options, "verify_asan_link_order")))
		r = environment_join("ASAN_OPTIONS", options, "verify_asan_link_order=0", false);
	return r;
}
