/* SPDX-License-Identifier: MIT
 *
 * For the programs that lock files and start processes.
 */
#ifndef FILE_H
#define FILE_H

#include "subject.h"
#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>

/* Memory that fork children share. */
static inline void *shared_memory(size_t n)
{
	return mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
}

static inline void shared_mutex_init(pthread_mutex_t *m)
{
	pthread_mutexattr_t a;

	pthread_mutexattr_init(&a);
	pthread_mutexattr_setpshared(&a, PTHREAD_PROCESS_SHARED);
	pthread_mutex_init(m, &a);
}

static inline void range_lock(int fd, int command, short type, off_t start, off_t length)
{
	struct flock l = { .l_type = type, .l_whence = SEEK_SET, .l_start = start, .l_len = length };

	if (fcntl(fd, command, &l))
		abort();
}

/* Runs both at once, each in a process of its own. */
static inline void run_two_processes(void (*first)(void), void (*second)(void))
{
	pid_t pids[2];

	for (int i = 0; i < 2; i++) {
		pids[i] = fork();
		if (!pids[i]) {
			(i ? second : first)();
			_exit(0);
		}
	}
	for (int i = 0; i < 2; i++)
		waitpid(pids[i], NULL, 0);
}

#endif
