/* SPDX-License-Identifier: MIT
 *
 * Prints what the process started with, or which signals it gets.
 *
 *	signals start		mask, ignored signals, descriptors, variables of interest
 *	signals count SECONDS	"ready", then a line for each signal until SIGTERM or SECONDS are
 *over
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int show_start(void)
{
	struct sigaction action;
	sigset_t mask;

	sigprocmask(SIG_BLOCK, NULL, &mask);
	for (int i = 1; i < 65; i++) {
		if (sigismember(&mask, i) == 1)
			printf("blocked %d\n", i);
		if (sigaction(i, NULL, &action) == 0 && action.sa_handler == SIG_IGN)
			printf("ignored %d\n", i);
	}
	for (int fd = 0; fd < 50; fd++)
		if (fcntl(fd, F_GETFD) >= 0)
			printf("descriptor %d\n", fd);
	printf("group %d\n", getpgrp() == getpgid(getppid()));
	return 0;
}

static int count(unsigned seconds)
{
	sigset_t all;
	int number;

	sigfillset(&all);
	sigdelset(&all, SIGTSTP);
	sigprocmask(SIG_SETMASK, &all, NULL);
	alarm(seconds);
	puts("ready");
	fflush(stdout);
	while (sigwait(&all, &number) == 0 && number != SIGALRM) {
		printf("%s\n", sigabbrev_np(number) ? sigabbrev_np(number) : "RT");
		fflush(stdout);
		if (number == SIGTERM)
			return 9;
	}
	return 1;
}

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "start"))
		return show_start();
	if (argc == 3 && !strcmp(argv[1], "count"))
		return count((unsigned)atoi(argv[2]));
	return 2;
}
