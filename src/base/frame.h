/* SPDX-License-Identifier: MIT
 *
 * One frame of a stack, as people read it. What symbols produces, core carries and report prints.
 */
#ifndef LOCKDAG_FRAME_H
#define LOCKDAG_FRAME_H

#include "base/base.h"

struct lockdag_frame {
	const char *function; /* demangled, without arguments for C; NULL: not known */
	const char *file;     /* as the compiler was given it, or shortened; NULL: not known */
	unsigned line;	      /* 0: not known */
	const char *module;   /* base name of the program or library; NULL: not known */
	uint64_t offset;      /* of the call's return address in the module; 0: not known */
	bool inlined;	      /* the frame below (the next one in the stack) holds its code */
};

#endif
