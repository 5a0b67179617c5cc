/* SPDX-License-Identifier: MIT
 *
 * The loader. dlopen takes its caller's address as an argument (RUNPATH, name space), so its hook
 * must not put a frame in between: it drops RTLD_DEEPBIND, which would bind the library's locks
 * around us, and jumps.
 */
#include "guest/hooks.h"

#include <dlfcn.h>

#include "guest/module.h"
#include "guest/unwind.h"

#define REAL(name) (guest_reals()->name)

__attribute__((used, visibility("hidden"))) void *guest_real_dlopen;

__attribute__((used, visibility("hidden"))) void *guest_find_dlopen(void);
void *guest_find_dlopen(void)
{
	void *p = guest_find("dlopen", NULL);

	lockdag_store_relaxed(&guest_real_dlopen, p);
	return p;
}

__attribute__((used, visibility("hidden"))) void guest_count_deepbind(void);
void guest_count_deepbind(void)
{
	if (guest_process.state == GUEST_READY)
		lockdag_write_lost(&guest_process.writer, LOCKDAG_LOST_DEEPBIND);
}

__asm__(".text\n"
	".globl dlopen\n"
	".type dlopen, @function\n"
	"dlopen:\n"
	"	.cfi_startproc\n"
	"	testl $8, %esi\n" /* RTLD_DEEPBIND */
	"	jnz 2f\n"
	"1:	movq guest_real_dlopen(%rip), %rax\n"
	"	testq %rax, %rax\n"
	"	jz 3f\n"
	"	jmp *%rax\n"
	"2:	andl $-9, %esi\n"
	"	pushq %rdi\n"
	"	.cfi_adjust_cfa_offset 8\n"
	"	pushq %rsi\n"
	"	.cfi_adjust_cfa_offset 8\n"
	"	subq $8, %rsp\n"
	"	.cfi_adjust_cfa_offset 8\n"
	"	call guest_count_deepbind\n"
	"	addq $8, %rsp\n"
	"	.cfi_adjust_cfa_offset -8\n"
	"	popq %rsi\n"
	"	.cfi_adjust_cfa_offset -8\n"
	"	popq %rdi\n"
	"	.cfi_adjust_cfa_offset -8\n"
	"	jmp 1b\n"
	"3:	pushq %rdi\n"
	"	.cfi_adjust_cfa_offset 8\n"
	"	pushq %rsi\n"
	"	.cfi_adjust_cfa_offset 8\n"
	"	subq $8, %rsp\n"
	"	.cfi_adjust_cfa_offset 8\n"
	"	call guest_find_dlopen\n"
	"	addq $8, %rsp\n"
	"	.cfi_adjust_cfa_offset -8\n"
	"	popq %rsi\n"
	"	.cfi_adjust_cfa_offset -8\n"
	"	popq %rdi\n"
	"	.cfi_adjust_cfa_offset -8\n"
	"	jmp *%rax\n"
	"	.cfi_endproc\n"
	"	.size dlopen, . - dlopen\n");

GUEST_EXPORT int dlclose(void *handle)
{
	int r = REAL(dlclose)(handle);

	/* Other code, other data may be where the library was. */
	guest_unwind_forget();
	guest_modules_changed();
	return r;
}
