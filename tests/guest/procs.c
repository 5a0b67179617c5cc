/* SPDX-License-Identifier: MIT
 *
 * fork, its kin, and exec in all spellings. arguments: WAY; `inversion` is what exec'd programs do.
 */
#include "hard.h"

#include <grp.h>
#include <spawn.h>

static pthread_mutex_t lock_a = PTHREAD_MUTEX_INITIALIZER, lock_b = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t outer = PTHREAD_MUTEX_INITIALIZER, guard = PTHREAD_MUTEX_INITIALIZER;
static volatile int stop;
static char self[4096];
extern char **environ;

static int reap(pid_t pid)
{
	int status;

	MUST(pid > 0);
	while (waitpid(pid, &status, 0) != pid)
		MUST(errno == EINTR);
	MUST(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void child_with_inversion(pid_t pid)
{
	if (pid == 0) {
		abba(&lock_a, &lock_b);
		_exit(0);
	}
	MUST(reap(pid) == 0);
}

/* ------------------------------------------------------------------ fork */

static void held_over_fork(void)
{
	pid_t pid;

	LOCK(&outer);
	pid = fork();
	if (pid == 0) {
		nest(&lock_a, &lock_b);
		UNLOCK(&outer);
		abba(&lock_a, &lock_b);
		_exit(0);
	}
	UNLOCK(&outer);
	MUST(reap(pid) == 0);
}

static void take_guard(void)
{
	LOCK(&guard);
}

static void drop_guard(void)
{
	UNLOCK(&guard);
}

static void drop_and_nest(void)
{
	UNLOCK(&guard);
	nest(&outer, &guard);
}

static void *busy_run(void *arg)
{
	while (!stop) {
		nest(&lock_a, &lock_b);
		pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;

		nest(&lock_a, &m);
	}
	return arg;
}

static void among_threads(void)
{
	pthread_t t[3];

	for (int i = 0; i < 3; i++)
		MUST(!pthread_create(&t[i], NULL, busy_run, NULL));
	for (int i = 0; i < 40; i++) {
		pid_t pid = fork();

		if (pid == 0) {
			pthread_mutex_t m[2] = {
				PTHREAD_MUTEX_INITIALIZER, PTHREAD_MUTEX_INITIALIZER};

			nest(&m[0], &m[1]);
			_exit(0);
		}
		MUST(reap(pid) == 0);
	}
	stop = 1;
	for (int i = 0; i < 3; i++)
		pthread_join(t[i], NULL);
	child_with_inversion(fork());
}

static void daemon_like(const char *root)
{
	pid_t pid = fork();

	if (pid == 0) {
		setsid();
		close_range(3, ~0u, 0);
		clearenv();
		MUST(!chdir(root) && !chroot(root));
		MUST(!setgroups(0, NULL) && !setgid(65534) && !setuid(65534));
		pid = fork();
		child_with_inversion(pid);
		_exit(0);
	}
	MUST(reap(pid) == 0);
}

/* ------------------------------------------------------------------ exec */

static char *const arguments[] = {self, "inversion", NULL};
static char *const nothing[] = {NULL};

static void run_exec(const char *how)
{
	char *const chain[] = {self, how[5] ? (char *)how + 6 : "inversion", NULL};

	if (!strcmp(how, "execve"))
		execve(self, arguments, nothing);
	else if (!strcmp(how, "execve-null"))
		execve(self, arguments, NULL);
	else if (!strcmp(how, "execle"))
		execle(self, self, "inversion", NULL, nothing);
	else if (!strcmp(how, "execvpe"))
		execvpe(self, arguments, nothing);
	else if (!strcmp(how, "fexecve"))
		fexecve(open(self, O_RDONLY | O_CLOEXEC), arguments, nothing);
	else if (!strcmp(how, "execveat"))
		execveat(open(self, O_PATH | O_CLOEXEC), "", arguments, nothing, AT_EMPTY_PATH);
	else if (!strncmp(how, "chain", 5))
		execve(self, chain, nothing);
	clearenv();
	close_range(3, ~0u, 0);
	if (!strcmp(how, "execl"))
		execl(self, self, "inversion", NULL);
	else if (!strcmp(how, "execlp"))
		execlp(self, self, "inversion", NULL);
	else if (!strcmp(how, "execv"))
		execv(self, arguments);
	else if (!strcmp(how, "execvp"))
		execvp(self, arguments);
	MUST(!"an exec");
}

static void exec_of(const char *how)
{
	pid_t pid = fork();

	if (pid == 0)
		run_exec(how);
	MUST(reap(pid) == 0);
}

static void vforked(void)
{
	pid_t pid;

	LOCK(&outer);
	pid = vfork();
	if (pid == 0) {
		nest(&lock_a, &lock_b);
		execve("/nonexistent/program", arguments, nothing);
		execve(self, arguments, nothing);
		_exit(98);
	}
	UNLOCK(&outer);
	MUST(reap(pid) == 0);
}

static void spawned(bool by_path)
{
	pid_t pid;

	MUST(!(by_path ? posix_spawnp : posix_spawn)(&pid, self, NULL, NULL, arguments, nothing));
	MUST(reap(pid) == 0);
}

static void shell(bool by_popen)
{
	char command[5000];

	snprintf(command, sizeof(command), "exec %s inversion", self);
	if (by_popen) {
		FILE *f = popen(command, "r");

		MUST(f && pclose(f) == 0);
	} else {
		MUST(system(command) == 0);
	}
}

/* What exec leaves when it fails: the environment, the locks, the recording. */
static void failed_exec(void)
{
	char **before = environ;
	size_t n = 0;
	pid_t pid;

	while (environ[n])
		n++;
	LOCK(&outer);
	MUST(execve("/nonexistent/program", arguments, nothing) == -1 && errno == ENOENT);
	MUST(execle("/nonexistent/program", "x", NULL, environ) == -1 && errno == ENOENT);
	MUST(execlp("nonexistent-program", "x", NULL) == -1 && errno == ENOENT);
	MUST(execv("/", arguments) == -1 && errno == EACCES);
	MUST(posix_spawn(&pid, "/nonexistent/program", NULL, NULL, arguments, environ) == ENOENT);
	MUST(environ == before && !environ[n] && (!n || environ[n - 1]));
	UNLOCK(&outer);
	abba(&lock_a, &lock_b);
}

/* setproctitle, as daemons do it: the strings of the environment are written over. */
static void titled(void)
{
	pid_t pid;

	for (char **e = environ; *e; e++)
		memset(*e, 'x', strlen(*e));
	pid = fork();
	if (pid == 0) {
		execve(self, arguments, nothing);
		_exit(98);
	}
	MUST(reap(pid) == 0);
}

static void way(const char *which, const char *argument)
{
	if (!strcmp(which, "held"))
		held_over_fork();
	else if (!strcmp(which, "fork"))
		child_with_inversion(fork());
	else if (!strcmp(which, "_Fork"))
		child_with_inversion(_Fork());
	else if (!strcmp(which, "clone"))
		child_with_inversion((pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0));
	else if (!strcmp(which, "atfork")) {
		MUST(!pthread_atfork(take_guard, drop_guard, drop_and_nest));
		child_with_inversion(fork());
	} else if (!strcmp(which, "threads"))
		among_threads();
	else if (!strcmp(which, "daemon"))
		daemon_like(argument);
	else if (!strcmp(which, "vfork"))
		vforked();
	else if (!strcmp(which, "spawn") || !strcmp(which, "spawnp"))
		spawned(which[5] == 'p');
	else if (!strcmp(which, "system") || !strcmp(which, "popen"))
		shell(which[0] == 'p');
	else if (!strcmp(which, "failed"))
		failed_exec();
	else if (!strcmp(which, "titled"))
		titled();
	else if (!strcmp(which, "inversion"))
		abba(&lock_a, &lock_b);
	else if (!strcmp(which, "preload"))
		execl("/bin/sh", "sh", "-c", "printf '%s' \"$LD_PRELOAD\"", NULL);
	else if (!strcmp(which, "preload-env")) {
		unsetenv("LD_PRELOAD");
		execl("/bin/sh", "sh", "-c", "printf '%s' \"$LD_PRELOAD\"", NULL);
	} else
		exec_of(which);
}

int main(int argc, char **argv)
{
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (n <= 0)
		snprintf(self, sizeof(self), "%s", argv[0]);
	way(argv[1], argc > 2 ? argv[2] : "");
	return 0;
}
