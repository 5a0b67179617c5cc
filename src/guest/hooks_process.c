/* SPDX-License-Identifier: MIT
 *
 * fork and exec. A fork child gets a process row of its own and keeps what its forker held. An
 * exec'd program finds the session by the two variables LD_PRELOAD and LOCKDAG_SESSION: programs
 * that clear their environment get them back here. vfork is not hooked: its child must return
 * through its caller's frame, and acts as its parent until it execs.
 *
 * Environments are put together on the stack: no allocation, also between vfork and exec.
 */
#include "guest/misuse.h"

#include <alloca.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

#include "guest/text.h"

#define REAL(name) (guest_reals()->name)

extern char **environ;

/* last: it calls no atfork handlers. */
static pid_t process_fork(pid_t (*real)(void), bool last)
{
	struct guest_fork f;
	pid_t pid;

	guest_fork_before(&f, last);
	pid = real();
	if (pid)
		guest_fork_parent(&f);
	else if (f.parent && !guest_wipe->alive) /* no atfork handler took a lock */
		guest_fork_child(&f);
	return pid;
}

GUEST_EXPORT pid_t fork(void)
{
	return process_fork(REAL(fork), false);
}

GUEST_EXPORT pid_t __fork(void);
GUEST_EXPORT pid_t __fork(void)
{
	return process_fork(REAL(fork), false);
}

GUEST_EXPORT pid_t _Fork(void)
{
	return process_fork(REAL(_Fork), true);
}

/* ------------------------------------------------------------------ environments */

#define PROCESS_MAX_ENVIRONMENT 16384

static size_t process_count(char *const list[])
{
	size_t n = 0;

	while (list && list[n])
		n++;
	return n;
}

static bool process_is_ours(const char *variable)
{
	return guest_after_prefix(variable, "LOCKDAG_SESSION=") != NULL;
}

static bool process_loads_us(const char *preload)
{
	for (size_t n = guest_next_entry(&preload); n; preload += n, n = guest_next_entry(&preload))
		if (guest_is_our_entry(preload, n))
			return true;
	return false;
}

/* What the new program's environment lacks. */
enum { PROCESS_HAS_SESSION = 1, PROCESS_HAS_PRELOAD = 2 };

static int process_has(char *const environment[])
{
	int has = 0;

	for (size_t i = 0; environment && environment[i]; i++) {
		const char *preload = guest_after_prefix(environment[i], "LD_PRELOAD=");

		if (process_is_ours(environment[i]))
			has |= PROCESS_HAS_SESSION;
		if (preload && process_loads_us(preload))
			has |= PROCESS_HAS_PRELOAD;
	}
	return has;
}

#define PROCESS_PRELOAD_SIZE 8192

/* Writes the environment to use into list, which has room for n + 3; preload has room for
 * PROCESS_PRELOAD_SIZE. */
static void process_environment(
	char *const from[], size_t n, int has, char **list, char *preload)
{
	const char *old = "";
	size_t k = 0;

	for (size_t i = 0; i < n; i++) {
		const char *p = guest_after_prefix(from[i], "LD_PRELOAD=");

		if (p && !(has & PROCESS_HAS_PRELOAD))
			old = p;
		else if (!process_is_ours(from[i]))
			list[k++] = from[i];
	}
	list[k++] = guest_process.session_variable;
	if (!(has & PROCESS_HAS_PRELOAD)) {
		guest_format(preload, PROCESS_PRELOAD_SIZE, *old ? "LD_PRELOAD=%s:%s" : "LD_PRELOAD=%s",
			guest_process.preload, old);
		list[k++] = preload;
	}
	list[k] = NULL;
}

/* The other entries of a preload list, as a variable; false: there are none. */
static bool process_other_preloads(const char *old, char *preload)
{
	bool some = false;

	for (size_t n = guest_next_entry(&old); n; old += n, n = guest_next_entry(&old)) {
		size_t length = 0;

		if (guest_is_our_entry(old, n))
			continue;
		if (!some)
			guest_copy(preload, PROCESS_PRELOAD_SIZE, "LD_PRELOAD=");
		while (preload[length])
			length++;
		if (length + n + 2 > PROCESS_PRELOAD_SIZE)
			break;
		if (some)
			preload[length++] = ':';
		guest_copy(preload + length, n + 1, old);
		some = true;
	}
	return some;
}

/* Without what makes the new program watched (--follow-exec=no). */
static void process_environment_without(
	char *const from[], size_t n, char **list, char *preload)
{
	size_t k = 0;

	for (size_t i = 0; i < n; i++) {
		const char *old = guest_after_prefix(from[i], "LD_PRELOAD=");

		if (process_is_ours(from[i]))
			continue;
		if (!old || !process_loads_us(old))
			list[k++] = from[i];
		else if (process_other_preloads(old, preload))
			list[k++] = preload;
	}
	list[k] = NULL;
}

/* Makes `environment` (a char *const *) the right one, on the caller's stack. */
#define PROCESS_FIX(environment)                                                                   \
	do {                                                                                       \
		size_t n_ = process_count(environment);                                            \
		int has_ = process_has(environment);                                               \
		char **list_;                                                                      \
                                                                                                   \
		if (guest_process.state != GUEST_READY || n_ > PROCESS_MAX_ENVIRONMENT)            \
			break;                                                                     \
		list_ = alloca((n_ + 3) * sizeof(*list_));                                         \
		if (!guest_process.follow_exec)                                                    \
			process_environment_without(                                               \
				(environment), n_, list_, alloca(PROCESS_PRELOAD_SIZE));           \
		else if (has_ != (PROCESS_HAS_SESSION | PROCESS_HAS_PRELOAD))                      \
			process_environment(                                                       \
				(environment), n_, has_, list_, alloca(PROCESS_PRELOAD_SIZE));      \
		else                                                                               \
			break;                                                                     \
		(environment) = list_;                                                             \
	} while (0)

/* Counts an attempt; the judge sees whether a watched program came of it. */
static void process_leaving(const char *path)
{
	struct lockdag_session_process *row;

	if (guest_process.state != GUEST_READY)
		return;
	row = guest_process_row(guest_process.row);
	guest_copy(row->exec_path, sizeof(row->exec_path), path ? path : "");
	lockdag_add_relaxed(&row->n_execs, 1);
}

static int process_stayed(int r)
{
	if (guest_process.state == GUEST_READY)
		lockdag_add_relaxed(&guest_process_row(guest_process.row)->n_execs, -1u);
	return r;
}

/* ------------------------------------------------------------------ exec */

static int process_execve(const char *path, char *const argv[], char *const environment[])
{
	PROCESS_FIX(environment);
	process_leaving(path);
	return process_stayed(REAL(execve)(path, argv, environment));
}

static int process_execvpe(const char *file, char *const argv[], char *const environment[])
{
	PROCESS_FIX(environment);
	process_leaving(file);
	return process_stayed(REAL(execvpe)(file, argv, environment));
}

GUEST_EXPORT int execve(const char *path, char *const argv[], char *const environment[])
{
	return process_execve(path, argv, environment);
}

GUEST_EXPORT int execv(const char *path, char *const argv[])
{
	return process_execve(path, argv, environ);
}

GUEST_EXPORT int execvp(const char *file, char *const argv[])
{
	return process_execvpe(file, argv, environ);
}

GUEST_EXPORT int execvpe(const char *file, char *const argv[], char *const environment[])
{
	return process_execvpe(file, argv, environment);
}

GUEST_EXPORT int fexecve(int fd, char *const argv[], char *const environment[])
{
	PROCESS_FIX(environment);
	process_leaving("(descriptor)");
	return process_stayed(REAL(fexecve)(fd, argv, environment));
}

GUEST_EXPORT int execveat(
	int fd, const char *path, char *const argv[], char *const environment[], int flags)
{
	PROCESS_FIX(environment);
	process_leaving(path);
	return process_stayed(REAL(execveat)(fd, path, argv, environment, flags));
}

/* The variadic ones: arguments up to the NULL, into argv_ on the stack; ap_ stays open. */
#define PROCESS_COLLECT(first)                                                                     \
	va_list ap_;                                                                               \
	size_t n_ = 1;                                                                             \
	char **argv_;                                                                              \
                                                                                                   \
	va_start(ap_, first);                                                                      \
	while (va_arg(ap_, char *))                                                                \
		n_++;                                                                              \
	va_end(ap_);                                                                               \
	argv_ = alloca((n_ + 1) * sizeof(*argv_));                                                 \
	argv_[0] = (char *)(uintptr_t)(first);                                                     \
	va_start(ap_, first);                                                                      \
	for (size_t i_ = 1; i_ <= n_; i_++)                                                        \
		argv_[i_] = va_arg(ap_, char *)

GUEST_EXPORT int execl(const char *path, const char *first, ...)
{
	PROCESS_COLLECT(first);
	va_end(ap_);
	return process_execve(path, argv_, environ);
}

GUEST_EXPORT int execlp(const char *file, const char *first, ...)
{
	PROCESS_COLLECT(first);
	va_end(ap_);
	return process_execvpe(file, argv_, environ);
}

GUEST_EXPORT int execle(const char *path, const char *first, ...)
{
	char *const *environment;

	PROCESS_COLLECT(first);
	environment = va_arg(ap_, char *const *);
	va_end(ap_);
	return process_execve(path, argv_, environment);
}

/* ------------------------------------------------------------------ posix_spawn */

GUEST_EXPORT int posix_spawn(pid_t *restrict pid, const char *restrict path,
	const posix_spawn_file_actions_t *restrict actions,
	const posix_spawnattr_t *restrict attributes, char *const argv[restrict],
	char *const environment[restrict])
{
	char *const *fixed = environment;
	int r;

	PROCESS_FIX(fixed);
	process_leaving(path);
	r = REAL(posix_spawn)(pid, path, actions, attributes, argv, fixed);
	return r ? process_stayed(r) : r;
}

GUEST_EXPORT int posix_spawnp(pid_t *restrict pid, const char *restrict file,
	const posix_spawn_file_actions_t *restrict actions,
	const posix_spawnattr_t *restrict attributes, char *const argv[restrict],
	char *const environment[restrict])
{
	char *const *fixed = environment;
	int r;

	PROCESS_FIX(fixed);
	process_leaving(file);
	r = REAL(posix_spawnp)(pid, file, actions, attributes, argv, fixed);
	return r ? process_stayed(r) : r;
}
