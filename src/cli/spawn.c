/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/environment.h"
#include "cli/process.h"
#include "cli/spawn.h"

/* ------------------------------------------------------------------ start */

/* In the child. Ends by exec, or with errno in the pipe. */
static void child_exec(
	const struct cli_spawn *spawn, const struct cli_child *child, pid_t judge, int failure)
{
	int error = -cli_environment_set(spawn->guest, spawn->session_fd, judge, spawn->asan);

	if (error == 0) {
		sigaction(SIGCHLD, &child->on_child, NULL);
		sigprocmask(SIG_SETMASK, &child->mask, NULL);
		execvp(spawn->path, spawn->argv);
		error = errno;
	}
	(void)!write(failure, &error, sizeof(error));
	_exit(CLI_EXIT_FAILURE);
}

static int child_prepare(struct cli_child *child)
{
	struct sigaction plain = {.sa_handler = SIG_DFL};
	sigset_t all;

	sigfillset(&all);
	/* An ignored SIGCHLD, inherited, would reap the child behind our back. */
	if (sigaction(SIGCHLD, &plain, &child->on_child) < 0 ||
		sigprocmask(SIG_SETMASK, &all, &child->mask) < 0)
		return -errno;
	child->signals = signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK);
	return child->signals < 0 ? -errno : 0;
}

/* Waits until the child has become the program. 0 or the errno of its exec. */
static int child_wait_exec(int failure)
{
	int error = 0;
	ssize_t n;

	do
		n = read(failure, &error, sizeof(error));
	while (n < 0 && errno == EINTR);
	return n == (ssize_t)sizeof(error) ? error : 0;
}

static int child_exec_failed(struct cli_child *child, const char *command, int error)
{
	while (waitpid(child->pid, NULL, 0) < 0 && errno == EINTR)
		;
	cli_say("%s: %s", command, strerror(error));
	if (error == ENOMEM || error == EAGAIN || error == E2BIG)
		return CLI_EXIT_FAILURE;
	return error == ENOENT ? CLI_EXIT_NOT_FOUND : CLI_EXIT_CANNOT_RUN;
}

int cli_child_start(const struct cli_spawn *spawn, struct cli_child *ret)
{
	pid_t judge = getpid();
	int failure[2], error;

	*ret = (struct cli_child){.signals = -1};
	error = child_prepare(ret);
	if (error < 0 || pipe2(failure, O_CLOEXEC) < 0)
		return cli_fail("cannot watch a child: %s", strerror(error < 0 ? -error : errno));
	ret->pid = fork();
	if (ret->pid < 0)
		return cli_fail("fork: %s", strerror(errno));
	if (ret->pid == 0)
		child_exec(spawn, ret, judge, failure[1]);
	close(failure[1]);
	error = child_wait_exec(failure[0]);
	close(failure[0]);
	return error ? child_exec_failed(ret, spawn->argv[0], error) : 0;
}

/* ------------------------------------------------------------------ while it runs */

/* The terminal sends to its whole foreground group, so the program has those already; what
 * somebody sent to this process was meant for the program. */
static void child_pass_on(const struct cli_child *child, const struct signalfd_siginfo *info)
{
	int number = (int)info->ssi_signo;

	if (info->ssi_code > 0 || number == SIGCHLD || number == SIGPIPE ||
		(pid_t)info->ssi_pid == child->pid)
		return;
	if (info->ssi_code == SI_QUEUE)
		sigqueue(child->pid, number,
			(union sigval){.sival_ptr = (void *)(uintptr_t)info->ssi_ptr});
	else
		kill(child->pid, number);
}

/* Continues the judge when the program goes on, whoever continued it: only while both are stopped
 * is there such a process. */
static pid_t child_start_waker(const struct cli_child *child)
{
	const struct timespec pause = {0, 50 * 1000 * 1000};
	pid_t judge = getpid(), waker = fork();
	char state;

	if (waker != 0)
		return waker;
	do {
		nanosleep(&pause, NULL);
		state = cli_process_state(child->pid);
	} while (getppid() == judge && (state == 'T' || state == 't'));
	if (getppid() == judge)
		kill(judge, SIGCONT);
	_exit(0);
}

/* Stops this process by the same signal, as its own caller expects of a job. */
static void child_stopped(const struct cli_child *child, int number)
{
	sigset_t set, old;
	pid_t waker;

	if (number != SIGSTOP && number != SIGTSTP && number != SIGTTIN && number != SIGTTOU)
		return;
	waker = child_start_waker(child);
	if (waker < 0)
		return;
	sigemptyset(&set);
	sigaddset(&set, number);
	raise(number); /* blocked: becomes one with what the terminal sent, if that is still pending
			*/
	sigprocmask(SIG_UNBLOCK, &set, &old);
	sigprocmask(SIG_SETMASK, &old, NULL);
	kill(waker, SIGKILL);
	while (waitpid(waker, NULL, 0) < 0 && errno == EINTR)
		;
}

static void child_changed(struct cli_child *child)
{
	siginfo_t info = {0};

	while (!child->ended &&
		waitid(P_PID, (id_t)child->pid, &info, WEXITED | WSTOPPED | WNOHANG) == 0 &&
		info.si_pid) {
		if (info.si_code == CLD_STOPPED) {
			child_stopped(child, info.si_status);
		} else if (info.si_code != CLD_TRAPPED) {
			child->ended = true;
			child->code = info.si_code;
			child->status = info.si_status;
		}
		info.si_pid = 0;
	}
}

void cli_child_signals(struct cli_child *child)
{
	struct signalfd_siginfo info;

	while (read(child->signals, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		if (info.ssi_signo == SIGCHLD)
			child_changed(child);
		else if (!child->ended)
			child_pass_on(child, &info);
	}
}

/* ------------------------------------------------------------------ end */

int cli_child_end_as(const struct cli_child *child)
{
	const struct rlimit none = {0, 0};
	struct sigaction plain = {.sa_handler = SIG_DFL};
	sigset_t set;

	if (child->code == CLD_EXITED)
		return child->status;
	setrlimit(RLIMIT_CORE, &none);
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	sigaction(child->status, &plain, NULL);
	sigemptyset(&set);
	sigaddset(&set, child->status);
	raise(child->status);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	return 128 + child->status;
}
