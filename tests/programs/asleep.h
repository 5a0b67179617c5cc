/* SPDX-License-Identifier: MIT
 *
 * What orders a program's threads without a lock or a wait that a validator could take for one: so that
 * what has to block does block, and what has to be over is over, whatever the machine is busy with.
 */
#ifndef SUBJECT_ASLEEP_H
#define SUBJECT_ASLEEP_H

#include <fcntl.h>
#include <sys/syscall.h>

#include "subject.h"

static inline void flag_set(int *flag)
{
	__atomic_store_n(flag, 1, __ATOMIC_RELEASE);
}

static inline void flag_await(int *flag)
{
	while (!__atomic_load_n(flag, __ATOMIC_ACQUIRE))
		nap(1);
}

/* Before a wait: whoever calls await_asleep() goes on when this thread sleeps in it. */
static inline void will_sleep(int *tid)
{
	__atomic_store_n(tid, (int)syscall(SYS_gettid), __ATOMIC_RELEASE);
}

static inline void await_asleep(int *tid)
{
	char path[64], text[256], state = 0;
	ssize_t n;
	int fd;

	flag_await(tid);
	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", __atomic_load_n(tid, __ATOMIC_ACQUIRE));
	while (state != 'S') {
		nap(1);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
		text[n > 0 ? n : 0] = 0;
		state = strrchr(text, ')') ? strrchr(text, ')')[2] : 'S';
		if (fd >= 0)
			close(fd);
	}
}

#endif
