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
enum syscalls_stop { GOES_ON, ENDS };

static const struct {
	long nr;
	const char *name;
	enum hang_call call;
	int timeout;
	enum syscalls_timeout kind;
	enum syscalls_stop stop;
} syscalls[] = {
#define CALL(name, call, argument, kind, stop)                                                     \
	{SYS_##name, #name, HANG_CALL_##call, argument, kind, stop},
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

/* What the kernel leaves in rax of a call that it has interrupted, and will do again (or not: EINTR). A write
 * of more than there was room for ends with what it has written. */
bool hang_call_is_over(const struct hang_sample *s, uint64_t rax)
{
	static const int interrupted[] = {4, 512, 513, 514, 516}; /* EINTR, ERESTART... */
	enum hang_call call = hang_call(s->nr);

	if (s->nr < 0)
		return false;
	for (size_t i = 0; i < LOCKDAG_ARRAY_SIZE(interrupted); i++)
		if (rax == (uint64_t) - (int64_t)interrupted[i])
			return false;
	return (call != HANG_CALL_WRITE && call != HANG_CALL_SEND) || rax >= s->args[2];
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

bool hang_call_is_fragile(const struct hang_sample *s)
{
	for (size_t i = 0; i < LOCKDAG_ARRAY_SIZE(syscalls); i++)
		if (syscalls[i].nr == s->nr)
			return syscalls[i].stop == ENDS;
	return false;
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
