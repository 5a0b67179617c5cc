/* SPDX-License-Identifier: MIT
 *
 * How the test subjects say what they are: lines of words on stdout.
 *
 *	base HEX                     load base of the program
 *	v HEX NAME [CLASS]           lockdag_symbols_variable of this address gives these
 *	k HEX KEY                    its key ends in this, behind the '!'
 */
#ifndef PRINT_H
#define PRINT_H

#include <elf.h>
#include <link.h>
#include <stdio.h>

static inline int print_base_of(struct dl_phdr_info *info, size_t size, void *to)
{
	(void)size;
	*(unsigned long *)to = info->dlpi_addr;
	return 1; /* the program comes first */
}

static inline unsigned long program_base(void)
{
	unsigned long base = 0;

	dl_iterate_phdr(print_base_of, &base);
	return base;
}

static inline void print_base(void)
{
	printf("base %lx\n", program_base());
}

static inline void print_variable(const void *p, const char *name, const char *class_name)
{
	printf("v\t%lx\t%s\t%s\n", (unsigned long)p - program_base(), name,
		class_name ? class_name : name);
}

static inline void print_key(const void *p, const char *key)
{
	printf("k\t%lx\t%s\n", (unsigned long)p - program_base(), key);
}

#endif
