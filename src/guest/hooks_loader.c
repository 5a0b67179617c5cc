/* SPDX-License-Identifier: MIT
 *
 * The loader. dlopen takes its caller's address as an argument (RUNPATH, name space), so its hook
 * must not put a frame in between: it drops RTLD_DEEPBIND, which would bind the library's locks
 * around us, and jumps. dlmopen likewise.
 */
#include "guest/hooks.h"

#include <dlfcn.h>

#include "guest/module.h"
#include "guest/unwind.h"

#define REAL(name) (guest_reals()->name)

#define LOADER_ASM __attribute__((used, visibility("hidden")))

LOADER_ASM void *guest_real_dlopen;
LOADER_ASM void *guest_real_dlmopen;

LOADER_ASM void *guest_find_dlopen(void);
void *guest_find_dlopen(void)
{
	void *p = guest_find("dlopen", NULL, 0);

	lockdag_store_relaxed(&guest_real_dlopen, p);
	return p;
}

LOADER_ASM void *guest_find_dlmopen(void);
void *guest_find_dlmopen(void)
{
	void *p = guest_find("dlmopen", NULL, 0);

	lockdag_store_relaxed(&guest_real_dlmopen, p);
	return p;
}

static void loader_count(enum lockdag_loss loss)
{
	if (guest_process.state == GUEST_READY)
		lockdag_write_lost(&guest_process.writer, loss);
}

LOADER_ASM void guest_special_dlopen(void);
void guest_special_dlopen(void)
{
	loader_count(LOCKDAG_LOST_DEEPBIND);
}

LOADER_ASM void guest_special_dlmopen(void);
void guest_special_dlmopen(void)
{
	loader_count(LOCKDAG_LOST_DLMOPEN);
}

/* Calls a function without arguments; the three arguments of the hook stay. */
#define LOADER_CALL(function)                                                                      \
	"	pushq %rdi\n"                                                                      \
	"	.cfi_adjust_cfa_offset 8\n"                                                        \
	"	pushq %rsi\n"                                                                      \
	"	.cfi_adjust_cfa_offset 8\n"                                                        \
	"	pushq %rdx\n"                                                                      \
	"	.cfi_adjust_cfa_offset 8\n"                                                        \
	"	call " function "\n"                                                               \
	"	popq %rdx\n"                                                                       \
	"	.cfi_adjust_cfa_offset -8\n"                                                       \
	"	popq %rsi\n"                                                                       \
	"	.cfi_adjust_cfa_offset -8\n"                                                       \
	"	popq %rdi\n"                                                                       \
	"	.cfi_adjust_cfa_offset -8\n"

/* test: jumps to 2 for what is special, where fix comes first. */
#define LOADER_HOOK(name, test, fix)                                                               \
	__asm__(".text\n"                                                                          \
		".globl " name "\n"                                                                \
		".type " name ", @function\n" name ":\n"                                           \
		"	.cfi_startproc\n" test                                                      \
		"1:	movq guest_real_" name "(%rip), %rax\n"                                     \
		"	testq %rax, %rax\n"                                                        \
		"	jz 3f\n"                                                                   \
		"	jmp *%rax\n"                                                               \
		"2:\n" fix LOADER_CALL("guest_special_" name) "	jmp 1b\n"                      \
		"3:\n" LOADER_CALL("guest_find_" name) "	jmp *%rax\n"                           \
		"	.cfi_endproc\n"                                                            \
		".size " name ", . - " name "\n")

/* RTLD_DEEPBIND is dropped; a name space of its own (not LM_ID_BASE) is only counted: what is in it
 * binds around us whatever we do. */
LOADER_HOOK("dlopen", "	testl $8, %esi\n	jnz 2f\n", "	andl $-9, %esi\n");
LOADER_HOOK("dlmopen", "	testq %rdi, %rdi\n	jnz 2f\n", "");

GUEST_EXPORT int dlclose(void *handle)
{
	int r = REAL(dlclose)(handle);

	/* Other code, other data may be where the library was. */
	guest_unwind_forget();
	guest_modules_changed();
	return r;
}
