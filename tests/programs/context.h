/* SPDX-License-Identifier: MIT
 *
 * For the programs about signal handlers and forks.
 */
#ifndef CONTEXT_H
#define CONTEXT_H

#include "subject.h"

#include <setjmp.h>
#include <signal.h>
#include <sys/wait.h>

static inline void install(int number, void (*handler)(int), int flags)
{
	struct sigaction action = { .sa_handler = handler, .sa_flags = flags };

	sigaction(number, &action, NULL);
}

static inline void mask(int how, int number)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, number);
	pthread_sigmask(how, &set, NULL);
}

/* Takes the mutex and lets it go. */
static inline void section(pthread_mutex_t *lock)
{
	pthread_mutex_lock(lock);
	pthread_mutex_unlock(lock);
}

/* Takes both, the first one first. */
static inline void nested(pthread_mutex_t *outer, pthread_mutex_t *inner)
{
	pthread_mutex_lock(outer);
	section(inner);
	pthread_mutex_unlock(outer);
}

/* Waits for the child, which may be stuck in a later version of its luck. */
static inline int child_status(pid_t pid)
{
	int status = 0;

	waitpid(pid, &status, 0);
	return status != 0;
}

#endif
