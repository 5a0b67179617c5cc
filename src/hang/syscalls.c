/* SPDX-License-Identifier: MIT
 *
 * System calls of x86-64 Linux that wait.
 */
#include "internal.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
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

/* Signal and debugger interrupt these by restart_syscall(), which has their arguments in its
 * registers; and the number is what the instruction before put into eax. */
void hang_call_restarted(const struct hang_process *p, struct hang_sample *s)
{
	unsigned char code[7]; /* mov $nr,%eax; syscall */
	uint32_t nr;

	if (s->nr != SYS_restart_syscall ||
		!hang_read(p, s->pc - sizeof(code), code, sizeof(code)) || code[0] != 0xb8 ||
		code[5] != 0x0f || code[6] != 0x05)
		return;
	memcpy(&nr, code + 1, sizeof(nr));
	if (nr == SYS_poll || nr == SYS_futex || nr == SYS_nanosleep || nr == SYS_clock_nanosleep)
		s->nr = (long)nr;
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
