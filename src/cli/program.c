/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/program.h"

#define PROGRAM_MAX_SCRIPTS 5 /* interpreters that are scripts themselves: the kernel's limit */

static int program_refuse(const char *command, const char *why)
{
	return cli_fail("%s: cannot be watched: %s", command, why);
}

/* ------------------------------------------------------------------ where it is */

static bool program_is_file(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

static int program_fits(
	const char *directory, size_t n, const char *command, char *path, size_t size)
{
	int r = n ? snprintf(path, size, "%.*s/%s", (int)n, directory, command)
		  : snprintf(path, size, "./%s", command);

	return r < 0 || (size_t)r >= size ? -ENAMETOOLONG : 0;
}

/* The first executable file of that name in PATH; else the first file of that name. */
static bool program_search(const char *command, char *path, size_t size)
{
	const char *list = getenv("PATH");
	char second_best[4096] = "";

	if (!list)
		list = "/bin:/usr/bin";
	for (;;) {
		size_t n = strcspn(list, ":");

		if (program_fits(list, n, command, path, size) == 0 && program_is_file(path)) {
			if (faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) == 0)
				return true;
			if (!*second_best)
				snprintf(second_best, sizeof(second_best), "%s", path);
		}
		if (!list[n])
			break;
		list += n + 1;
	}
	snprintf(path, size, "%s", second_best);
	return *second_best != 0;
}

static int program_locate(const char *command, char *path, size_t size)
{
	struct stat st;

	if (!strchr(command, '/')) {
		if (*command && program_search(command, path, size))
			return 0;
		cli_say("%s: command not found", *command ? command : "''");
		return CLI_EXIT_NOT_FOUND;
	}
	if ((size_t)snprintf(path, size, "%s", command) >= size || stat(path, &st) < 0) {
		cli_say("%s: %s", command,
			strerror(strlen(command) >= size ? ENAMETOOLONG : errno));
		return errno == ENOENT || errno == ENOTDIR ? CLI_EXIT_NOT_FOUND
							   : CLI_EXIT_CANNOT_RUN;
	}
	return 0;
}

static int program_may_run(const char *command, const char *path)
{
	struct stat st;

	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
		cli_say("%s: is a directory", command);
		return CLI_EXIT_CANNOT_RUN;
	}
	if (!program_is_file(path) || faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) < 0) {
		cli_say("%s: is not executable (chmod +x, or name its interpreter first)", command);
		return CLI_EXIT_CANNOT_RUN;
	}
	return 0;
}

/* ------------------------------------------------------------------ can it be watched? */

/* Will the kernel start it with AT_SECURE, so that ld.so ignores LD_PRELOAD? */
static int program_check_privileges(const char *command, const char *path)
{
	struct statvfs fs;
	struct stat st;

	if (stat(path, &st) < 0 || prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1)
		return 0;
	if (statvfs(path, &fs) == 0 && (fs.f_flag & ST_NOSUID))
		return 0;
	if ((st.st_mode & S_ISUID) && st.st_uid != getuid())
		return program_refuse(command, "it is setuid, and the loader ignores preloads "
					       "then; run lockdag as its owner, or "
					       "a copy without the bit (chmod u-s)");
	if ((st.st_mode & S_ISGID) && (st.st_mode & S_IXGRP) && st.st_gid != getgid())
		return program_refuse(command, "it is setgid, and the loader ignores preloads "
					       "then; run lockdag with its group, "
					       "or a copy without the bit (chmod g-s)");
	if (getuid() != 0 && getxattr(path, "security.capability", NULL, 0) > 0)
		return program_refuse(command, "it has file capabilities, and the loader ignores "
					       "preloads then; run lockdag as "
					       "root, or a copy without them (setcap -r)");
	return 0;
}

static int program_check_elf(const char *command, const struct cli_elf *elf)
{
	if (elf->other_machine) {
		cli_say("%s: cannot execute: it is made for another machine", command);
		return CLI_EXIT_CANNOT_RUN;
	}
	if (elf->is_32_bit)
		return program_refuse(
			command, "it is a 32-bit program; build it for x86-64 (without -m32)");
	if (!elf->has_interpreter)
		return program_refuse(command, "it is statically linked, so nothing can be loaded "
					       "into it; link it dynamically "
					       "(without -static or -static-pie)");
	if (strstr(elf->interpreter, "ld-musl"))
		return program_refuse(command, "it uses the musl C library, whose locks lockdag "
					       "does not know; build it for "
					       "glibc");
	if (*elf->interpreter && access(elf->interpreter, F_OK) < 0) {
		cli_say("%s: cannot execute: its loader %s is missing", command, elf->interpreter);
		return CLI_EXIT_CANNOT_RUN;
	}
	return 0;
}

/* The path after "#!" at the start of a script: true when there is one. */
static bool program_interpreter(const char *head, char *path, size_t size)
{
	size_t n;

	head += 2 + strspn(head + 2, " \t");
	n = strcspn(head, " \t\r\n");
	if (n == 0 || n >= size)
		return false;
	memcpy(path, head, n);
	path[n] = 0;
	return true;
}

static int program_check_file(
	const char *command, const char *path, unsigned depth, bool *ret_asan);

static int program_check_script(
	const char *command, const char *head, unsigned depth, bool *ret_asan)
{
	char path[256];

	if (!program_interpreter(head, path, sizeof(path)) || depth >= PROGRAM_MAX_SCRIPTS) {
		cli_say("%s: cannot execute: its first line names no interpreter", command);
		return CLI_EXIT_CANNOT_RUN;
	}
	if (!program_is_file(path) || faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) < 0) {
		cli_say("%s: cannot execute: its interpreter %s is missing or is not executable",
			command, path);
		return CLI_EXIT_CANNOT_RUN;
	}
	return program_check_file(command, path, depth + 1, ret_asan);
}

/* Neither ELF nor "#!": a shell runs it as a script of its own, unless it looks binary. */
static int program_check_text(
	const char *command, const char *head, ssize_t n, unsigned depth, bool *ret_asan)
{
	if (depth > 0 || memchr(head, 0, (size_t)n)) {
		cli_say("%s: cannot execute: it is no program (exec format error)", command);
		return CLI_EXIT_CANNOT_RUN;
	}
	return program_check_file(command, "/bin/sh", depth + 1, ret_asan);
}

static int program_check_file(const char *command, const char *path, unsigned depth, bool *ret_asan)
{
	char head[256] = {0};
	struct cli_elf elf;
	int fd = open(path, O_RDONLY | O_CLOEXEC), r;
	ssize_t n;

	if (fd < 0)
		return 0; /* may be executed but not read: what it is shows when it runs */
	n = pread(fd, head, sizeof(head) - 1, 0);
	if (n < 0)
		n = 0;
	if (head[0] == '#' && head[1] == '!') {
		r = program_check_script(command, head, depth, ret_asan);
	} else if (memcmp(head, "\177ELF", 4) == 0) {
		if (cli_elf_read(fd, &elf) < 0 || !elf.elf) {
			cli_say("%s: cannot execute: it is a damaged ELF file", command);
			r = CLI_EXIT_CANNOT_RUN;
		} else {
			*ret_asan = elf.asan;
			r = program_check_elf(command, &elf);
			if (r == 0)
				r = program_check_privileges(command, path);
		}
	} else {
		r = program_check_text(command, head, n, depth, ret_asan);
	}
	close(fd);
	return r;
}

int cli_program_find(const char *command, struct cli_program *ret)
{
	int r;

	*ret = (struct cli_program){0};
	if (getauxval(AT_SECURE))
		return program_refuse(command, "lockdag itself runs with changed privileges, and "
					       "the loader ignores preloads then");
	r = program_locate(command, ret->path, sizeof(ret->path));
	if (r == 0)
		r = program_may_run(command, ret->path);
	if (r == 0)
		r = program_check_file(command, ret->path, 0, &ret->asan);
	return r;
}
