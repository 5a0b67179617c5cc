/* SPDX-License-Identifier: MIT
 *
 * What the guest saves at a lock, printed instead: pthread_mutex_lock and pthread_mutex_init of the
 * subject are these. expect() arms them for one call:
 *
 *	m HEX PATH                                  a module and its load base
 *	s KIND NAME KEY RETURN LOCK RBX RBP RSP R12 R13 R14 R15 WORDS...     tab separated
 *
 * KIND: init or lock. NAME and KEY (behind the '!') are what must come out; "-": not checked.
 */
#ifndef CAPTURE_H
#define CAPTURE_H

#include "print.h"

#include <pthread.h>
#include <stdlib.h>

#ifdef __cplusplus
extern "C" {
#endif
extern void *__libc_stack_end;

struct capture {
	unsigned long rbx, rbp, r12, r13, r14, r15, rsp, ip;
};
extern struct capture capture_registers;
struct capture capture_registers;
static const char *capture_name, *capture_key;

__attribute__((used)) static int capture_print(const char *kind, void *lock)
{
	const struct capture *c = &capture_registers;
	const unsigned long *words = (const unsigned long *)c->rsp;
	unsigned long end = (unsigned long)__libc_stack_end;

	if (!capture_name)
		return 0;
	printf("s\t%s\t%s\t%s\t%lx\t%lx\t%lx\t%lx\t%lx\t%lx\t%lx\t%lx\t%lx\t", kind, capture_name,
		capture_key, c->ip, (unsigned long)lock, c->rbx, c->rbp, c->rsp, c->r12, c->r13,
		c->r14, c->r15);
	for (int i = 0; i < 96 && c->rsp + 8 * (unsigned long)i + 8 <= end; i++)
		printf("%lx ", words[i]);
	printf("\n");
	capture_name = NULL;
	return 0;
}

__attribute__((used)) int capture_lock(void *lock);
__attribute__((used)) int capture_lock(void *lock)
{
	return capture_print("lock", lock);
}

__attribute__((used)) int capture_init(void *lock);
__attribute__((used)) int capture_init(void *lock)
{
	return capture_print("init", lock);
}

#define CAPTURE(symbol, then)                                                                      \
	__asm__(".text\n.globl " symbol "\n.type " symbol ", @function\n" symbol ":\n"             \
		"lea capture_registers(%rip), %rax\n"                                              \
		"mov %rbx, (%rax)\nmov %rbp, 8(%rax)\nmov %r12, 16(%rax)\n"                        \
		"mov %r13, 24(%rax)\nmov %r14, 32(%rax)\nmov %r15, 40(%rax)\n"                     \
		"lea 8(%rsp), %rcx\nmov %rcx, 48(%rax)\n"                                          \
		"mov (%rsp), %rcx\nmov %rcx, 56(%rax)\n"                                           \
		"jmp " then "\n.size " symbol ", .-" symbol "\n")
CAPTURE("pthread_mutex_lock", "capture_lock");
CAPTURE("pthread_mutex_init", "capture_init");

static int capture_module(struct dl_phdr_info *info, size_t size, void *data)
{
	(void)size;
	(void)data;
	printf("m\t%lx\t%s\n", info->dlpi_addr,
		info->dlpi_name && *info->dlpi_name ? info->dlpi_name : "-");
	return 0;
}

static void capture_modules(void)
{
	dl_iterate_phdr(capture_module, NULL);
}

#ifdef __OPTIMIZE__
#define EXPECT_TAIL(key) "-"
#else
#define EXPECT_TAIL(key) key
#endif

/* Arms the next call. */
__attribute__((noinline)) static void expect(const char *name, const char *key)
{
	capture_key = key;
	capture_name = name;
}
#ifdef __cplusplus
}
#endif
#endif
