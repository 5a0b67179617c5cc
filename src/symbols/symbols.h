/* SPDX-License-Identifier: MIT
 *
 * symbols: from an address in a module to what a person calls it. The door of the room. Uses
 * elfutils' libdw; runs in the judge, never in the target. NAMES.md holds the facts behind it.
 *
 * Offsets are relative to the module's load base: run-time address - base, where base is the
 * address its first byte of ELF virtual address 0 would have (link_map's l_addr; 0 for a non-PIE).
 *
 * Functions return 0 or a negative errno unless they say otherwise. What they return belongs to
 * the lockdag_symbols and lives as long as it does. One thread at a time.
 */
#ifndef LOCKDAG_SYMBOLS_H
#define LOCKDAG_SYMBOLS_H

#include "base/base.h"
#include "base/frame.h"

struct lockdag_symbols;

struct lockdag_symbols_options {
	const char *source_prefix; /* where relative or moved source files are looked for; NULL: as
				      the debug information says */
	/* Servers of debug information, as DEBUGINFOD_URLS has them; NULL: nobody is ever asked.
	 * One that fails or is slow (10 s until it answers, 60 s for all; DEBUGINFOD_TIMEOUT and
	 * DEBUGINFOD_MAXTIME say otherwise) is not asked again: lockdag_symbols_trouble(). */
	const char *debuginfod;
	/* They are asked only by lockdag_symbols_fetch(): nobody must wait for them before. */
	bool debuginfod_later;
	/* Called at least each second while one is waited for; false: give up. May be NULL.
	 * total: bytes; 0 as long as nobody knows. */
	bool (*waiting)(void *context, const char *module, size_t done, size_t total);
	void *context;
};

int lockdag_symbols_new(
	const struct lockdag_symbols_options *options, struct lockdag_symbols **ret_symbols);
void lockdag_symbols_free(struct lockdag_symbols *s); /* NULL is fine */

/* Registers a module file; nothing is opened before it is needed. build_id: lower-case hex of the
 * running module's, or NULL; a file whose own differs is not used (the program was rebuilt since)
 * and its addresses print as module+offset. Returns its number >= 0 or a negative errno; the same
 * path and build-id give the same number. */
int lockdag_symbols_add_module(struct lockdag_symbols *s, const char *path, const char *build_id);

/* With debuginfod_later: asks for what was missing so far. True: there is some now, and names and
 * frames may be other ones. */
bool lockdag_symbols_fetch(struct lockdag_symbols *s);

/* What went wrong with the servers, for people; NULL: nothing. */
const char *lockdag_symbols_trouble(const struct lockdag_symbols *s);

#define LOCKDAG_MAX_INLINE 16

/* What stands at offset: the innermost inlined function first, the real function last (its
 * ->inlined is false). call: offset is a return address (looked up at offset - 1). Writes at most
 * max and returns how many, >= 1: with no symbol at all, one frame with module and offset only. */
int lockdag_symbols_frames(struct lockdag_symbols *s, int module, uint64_t offset, bool call,
	struct lockdag_frame *frames, size_t max);

/* How a lock is called. Each may be NULL: not known. */
struct lockdag_symbols_name {
	const char *name;       /* this lock: "accounts[0].lock", "&conn->mutex" */
	const char *class_name; /* its class: "accounts[].lock", "&conn->mutex" */
	const char *key;        /* stable class key: "bank!accounts[].lock", "bank!conn.mutex" */
	const char *where;      /* "bank.c:12": the declaration, or the line of the init call */
};

/* The static variable at offset, with its member path. 0; -ENOENT when no variable is there. */
int lockdag_symbols_variable(struct lockdag_symbols *s, int module, uint64_t offset,
	struct lockdag_symbols_name *ret_name);

/* Does the source say, where the static variable at offset is declared, that it is made with a 0: "done(0)",
 * "done{0}"? */
bool lockdag_symbols_starts_zero(struct lockdag_symbols *s, int module, uint64_t offset);

#define LOCKDAG_SNAPSHOT_WORDS 96
#define LOCKDAG_SNAPSHOT_FRAMES 8

/* A frame or an address resolved to a module: module is a number of lockdag_symbols_add_module, or
 * -1 when it is in none. */
struct lockdag_symbols_address {
	int module;
	uint64_t offset;
};

/* What the guest saved where a class was born (NAMES.md section 3): the registers as they were in
 * the frame that made the init or lock call, right after the call's return address was pushed and
 * popped again, and the stack from there upwards. */
struct lockdag_symbols_snapshot {
	uint64_t lock;                              /* address of the lock */
	uint64_t rbx, rbp, rsp, r12, r13, r14, r15; /* rsp: of the caller after the call returns */
	size_t n_words;                             /* words of stack from rsp upwards */
	const uint64_t *words;
	size_t n_frames; /* the unwound return addresses, innermost (the caller) first */
	struct lockdag_symbols_address frames[LOCKDAG_SNAPSHOT_FRAMES];
	size_t n_modules; /* load base of each module known in that process, to read its data */
	const struct lockdag_symbols_module_base {
		int module;
		uint64_t base;
	} * modules;
};

/* Does the library of that path start threads for others by a routine of its own (std::thread's,
 * GThread's)? */
bool lockdag_symbols_starts_threads(const char *path);

/* The same of the routine at offset: is it one of Rust's standard library, in whatever module? */
bool lockdag_symbols_starts_rust(struct lockdag_symbols *s, int module, uint64_t offset);

/* What such a thread runs: the outermost function of the program's own in a stack of it (innermost
 * first), below the routine's; start: the routine's module. "worker", "Server::run", "main
 * (lambda)", "main (closure)"; a last call may have taken the place of what was there. NULL: nothing of that is
 * known. */
const char *lockdag_symbols_entry(struct lockdag_symbols *s,
	const struct lockdag_symbols_address *stack, size_t n, int start);

/* The name of a lock that is no static variable: by evaluating the variables of the saved frames
 * (Type.member), else by the source text at the call, else "<type> initialised at FILE:LINE
 * (function)" or "<type> first locked at ..." as init says; stripped: "... at module+0x1234".
 * type_word: "mutex". Returns 0 (something is always said). */
int lockdag_symbols_lock_name(struct lockdag_symbols *s,
	const struct lockdag_symbols_snapshot *snapshot, bool init, const char *type_word,
	struct lockdag_symbols_name *ret_name);

#endif
