/* SPDX-License-Identifier: MIT
 *
 * System calls of x86-64 Linux that wait.
 */
#include "internal.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/syscall.h>

enum syscalls_timeout { P, M };

static const struct {
	long nr;
	const char *name;
	enum hang_call call;
	int timeout;
	enum syscalls_timeout kind;
} syscalls[] = {
#define CALL(name, call, argument, kind) {SYS_##name, #name, HANG_CALL_##call, argument, kind},
#include "hang/calls.def"
#undef CALL
};

const char *hang_syscall_name(long nr, char *buffer, size_t size)
{
	for (size_t i = 0; i < LOCKDAG_ARRAY_SIZE(syscalls); i++)
		if (syscalls[i].nr == nr)
			return syscalls[i].name;
	snprintf(buffer, size, "number %ld", nr);
	return buffer;
}

enum hang_call hang_call(long nr)
{
	for (size_t i = 0; i < LOCKDAG_ARRAY_SIZE(syscalls); i++)
		if (syscalls[i].nr == nr)
			return syscalls[i].call;
	return HANG_CALL_OTHER;
}

bool hang_call_is_waitid(long nr)
{
	return nr == SYS_waitid;
}

bool hang_call_is_setlkw(const struct hang_sample *s)
{
	return s->args[1] == F_SETLKW || s->args[1] == F_OFD_SETLKW;
}

bool hang_call_is_timed(const struct hang_sample *s)
{
	for (size_t i = 0; i < LOCKDAG_ARRAY_SIZE(syscalls); i++) {
		if (syscalls[i].nr != s->nr || syscalls[i].timeout < 0)
			continue;
		if (syscalls[i].kind == M)
			return (int)s->args[syscalls[i].timeout] >= 0;
		return s->args[syscalls[i].timeout] != 0;
	}
	return false;
}
