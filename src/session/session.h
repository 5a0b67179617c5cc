/* SPDX-License-Identifier: MIT
 *
 * session: what one run recorded, as it lies in memory and in a kept file. The door of the room,
 * and its layout. The guest writes it with plain stores into a mapping that the judge holds
 * (a memfd, inherited over fork, found again after exec); the judge reads it while it grows.
 *
 * Who writes what, and what a reader may see half-way:
 *   tables (processes, threads, modules, classes, keys)
 *		a row is claimed by adding to the header's count and is committed by a release store
 *		of 1 to its `state`; a reader skips rows whose state is 0.
 *   heap	blocks are cut off by adding to header->heap_next; what no row or chunk refers to is
 *		not there for the reader.
 *   chunk	belongs to one thread; items are appended and published by a release store to `used`.
 *   presence	(16 bytes in an item) its thread alone moves last_phase on; a ring's slot may be taken
 *		over by another thread: a reader may then see a mixture of two true sightings.
 *   block	the live state of a thread; changes under the reader at any time. Two equal looks with
 *		the thread asleep in between are one state.
 * All is complete at every instant: a writer that is killed leaves at most unreferenced space.
 *
 * The reader trusts no byte: every offset, count and reference is checked before it is followed,
 * and rows are copied out before they are looked at.
 *
 * Limits (LOCKDAG_MAX_*): at a limit the guest watches less and counts it in header->lost.
 * x86-64, little endian only: a kept file is read on the same kind of machine.
 */
#ifndef LOCKDAG_SESSION_H
#define LOCKDAG_SESSION_H

#include "base/base.h"
#include "base/hash.h"

#define LOCKDAG_SESSION_MAGIC 0x3147414444434f4cu /* "LOCDDAG1" */
#define LOCKDAG_SESSION_VERSION 10 /* one more with every change of what follows */

#define LOCKDAG_MAX_PROCESSES (1u << 16)
#define LOCKDAG_MAX_THREADS (1u << 20) /* over the life of a session */
#define LOCKDAG_MAX_MODULES (1u << 14)
#define LOCKDAG_MAX_CLASSES (1u << 20)
#define LOCKDAG_MAX_KEYS (1u << 23)
#define LOCKDAG_MAX_FRAMES 48	  /* of one stack */
#define LOCKDAG_MAX_HELD 4096	  /* locks held at once by one thread */
#define LOCKDAG_MAX_ITEM_HELD 256 /* of them in one item: the innermost ones */
#define LOCKDAG_MAX_SNAPSHOTS 8192 /* classes whose birth is saved for naming */
#define LOCKDAG_SESSION_SIZE (UINT64_C(32) << 30)

/* What could not be recorded, and why: losses.def. */
enum lockdag_loss {
#define LOSS(upper, meaning) LOCKDAG_LOST_##upper,
#include "session/losses.def"
#undef LOSS
	LOCKDAG_N_LOSSES
};

struct lockdag_session_header {
	uint64_t magic;
	uint32_t version;
	uint32_t header_size; /* sizeof(struct lockdag_session_header) */
	uint64_t size;	      /* of the file */
	uint32_t cookie;      /* salt of the ids in locks; not 0 */
	int32_t judge_pid;
	uint32_t options; /* enum lockdag_session_option */
	uint32_t pad;
	char command[488];
	/* a cache line of its own from here on: written when something is new */
	uint64_t heap_next __attribute__((aligned(64)));
	uint64_t generation; /* grows with everything new */
	uint64_t free_block; /* head of the stack of free thread blocks: tag << 32 | offset / 4096 */
	uint64_t next_serial; /* of locks that share a key: the low half counts */
	uint32_t n_processes, n_threads, n_modules, n_classes, n_keys, n_snapshots;
	uint64_t n_acquires;
	uint64_t lost[LOCKDAG_N_LOSSES];
};

enum lockdag_session_option {
	LOCKDAG_SESSION_NO_EMBED = 1 << 0, /* never write into spare bytes of locks */
	LOCKDAG_SESSION_NO_EXEC = 1 << 1,  /* do not follow exec */
};

/* A code or data address: module number << 48 | address - module base; module 0xffff: the raw
 * address, in no known module. 0: none. */
#define LOCKDAG_FRAME(module, offset)                                                              \
	(((uint64_t)(module) << 48) | ((uint64_t)(offset) & 0xffffffffffffu))
#define LOCKDAG_FRAME_MODULE(frame) ((uint32_t)((frame) >> 48))
#define LOCKDAG_FRAME_OFFSET(frame) ((frame) & 0xffffffffffffu)
#define LOCKDAG_FRAME_NO_MODULE 0xffffu

enum lockdag_process_how { LOCKDAG_PROCESS_START, LOCKDAG_PROCESS_FORK };

struct lockdag_session_process {
	uint32_t state;
	int32_t pid;
	int32_t parent_pid;
	uint32_t how;	     /* enum lockdag_process_how */
	uint32_t parent;     /* process it was forked from, or LOCKDAG_NONE */
	uint32_t forker;     /* thread that forked it, or LOCKDAG_NONE */
	uint32_t n_execs;    /* exec and spawn attempts */
	uint32_t n_children; /* processes it started by fork, as far as seen */
	char exe[232];
	char exec_path[232]; /* of the last exec attempt */
	uint32_t gone;	     /* enum lockdag_process_gone: as its parent has seen it end */
	uint32_t n_live;     /* threads that are alive */
	uint32_t n_forks;    /* forks it has begun */
	uint32_t pad;
	uint64_t fork;	     /* of a fork child whose parent had other threads: offset of the
				LOCKDAG_ITEM_FORK that its forker wrote, else 0 */
};

enum lockdag_process_gone {
	LOCKDAG_GONE_NOT,
	LOCKDAG_GONE_ENDED,  /* by itself */
	LOCKDAG_GONE_KILLED, /* by a signal, whatever it was waiting for */
};

enum lockdag_thread_flag {
	LOCKDAG_THREAD_MAIN = 1 << 0,
	LOCKDAG_THREAD_FORKED = 1 << 1, /* goes on with its forker's role */
	LOCKDAG_THREAD_ENDED = 1 << 2,
};

struct lockdag_session_thread {
	uint32_t state;
	int32_t tid;
	uint32_t process;
	uint32_t parent; /* thread, or LOCKDAG_NONE */
	uint32_t create_phase;
	uint32_t joiner; /* thread, or LOCKDAG_NONE */
	uint32_t join_phase;
	uint32_t flags;		/* enum lockdag_thread_flag */
	uint64_t start_routine; /* frame */
	uint64_t create_site;	/* frame */
	uint64_t create_caller;	/* frame that called create_site's function, or 0: std::thread's
				   and GThread's creates all have the library's site */
	uint64_t block;		/* offset of its live block; 0: none any more */
	uint64_t chunk;		/* offset of its newest chunk; 0: none yet */
	uint64_t handle;	/* pthread_t */
	uint64_t guards;	/* offset of struct lockdag_session_guards, or 0 */
	uint32_t start;		/* between creator and thread (guest/thread.c) */
	uint32_t first_fork;	/* its process's n_forks + 1 when it was made, */
	uint32_t last_fork;	/* and its n_forks when it ended */
	uint32_t pad;
	char name[32];
};

struct lockdag_session_module {
	uint32_t state;
	uint32_t process; /* whose mapping it is (children by fork share it) */
	uint64_t base, start, end;
	uint8_t build_id[20];
	uint32_t n_build_id;
	char path[456];
};

/* What a thread's creator held when it created it: guards over the thread's whole life, if the
 * creator joined it before it let go. */
struct lockdag_session_guard {
	uint64_t serial;
	uint32_t key;
	uint32_t stamp; /* of the acquisition: the same at the join, or it was let go in between */
	uint8_t mode;
	uint8_t confirmed; /* still held when the creator had joined the thread */
	uint16_t pad[3];
};

#define LOCKDAG_MAX_GUARDS 64

struct lockdag_session_guards {
	uint32_t n;
	uint32_t pad;
	struct lockdag_session_guard guards[];
};

enum lockdag_class_how { /* the order of enum lockdag_birth_how in core */
	LOCKDAG_CLASS_STATIC,
	LOCKDAG_CLASS_INIT,
	LOCKDAG_CLASS_FIRST,
	LOCKDAG_CLASS_NAMED,
};

#define LOCKDAG_CLASS_FRAMES 8

struct lockdag_session_class {
	uint32_t state;
	uint8_t type; /* enum lockdag_lock_type */
	uint8_t how;  /* enum lockdag_class_how */
	uint16_t n_frames;
	uint32_t attributes;
	uint32_t process;
	uint32_t many_key; /* key for all locks after the first few */
	uint32_t own_keys; /* keys of single locks given out */
	uint32_t pairs;	   /* same-class pairs recorded */
	uint32_t flock;	   /* of a file's locks: they are flock's, not fcntl's */
	uint64_t snapshot; /* offset of struct lockdag_session_snapshot, or 0 */
	uint64_t frames[LOCKDAG_CLASS_FRAMES]; /* of the init or first lock call */
	uint64_t name; /* of a class named by the program: offset of its text, or 0 */
	uint64_t path;	    /* of a file's locks: offset of the file's path, or 0 */
	uint64_t open_site; /* of a file's locks: frame of the call that opened it, or 0 */
};

/* What naming needs of a birth (struct lockdag_symbols_snapshot). */
struct lockdag_session_snapshot {
	uint64_t lock;
	uint64_t rbx, rbp, rsp, r12, r13, r14, r15;
	uint64_t n_words;
	uint64_t words[96];
};

enum lockdag_key_flag {
	LOCKDAG_KEY_IS_MANY = 1 << 0,
	LOCKDAG_KEY_FOREIGN = 1 << 1, /* was released by a thread that did not hold it */
	LOCKDAG_KEY_DESTROYED = 1 << 2,
	LOCKDAG_KEY_POSTERS = 1 << 3, /* semaphores: more than one thread posts it */
	LOCKDAG_KEY_WAITERS = 1 << 4, /* more than one thread waits for it */
	LOCKDAG_KEY_WRITE_REENTRANT = 1 << 5, /* locks annotated for TSan: may be taken again by */
	LOCKDAG_KEY_READ_REENTRANT = 1 << 6, /* who has it alone, or shares it */
	LOCKDAG_KEY_FUTEX = 1 << 7,	     /* events: a word that was waited for by syscall() */
	LOCKDAG_KEY_BOTH_WAYS = 1 << 8, /* and one thread has waited for it and woken others, or may have */
};

/* A key stands for one lock, or for all further locks of its class. */
struct lockdag_session_key {
	uint32_t state;
	uint32_t class_id;
	uint32_t process;
	uint32_t flags;
	uint64_t address;
	uint64_t serial;
	uint64_t place; /* frame of a static lock, else 0 */
	uint32_t value; /* semaphores: initial value or LOCKDAG_NONE; barriers: count; else 1 */
	uint32_t poster, waiter;   /* semaphores: the thread that posts, waits: row + 1 */
	uint32_t n_posts, n_waits; /* numbers given to points; barriers: arrivals in n_posts */
	uint32_t with; /* conditions: key + 1 of the mutex that was waited with last, or 0; file locks:
			  key + 1 of another range of the file, or 0 */
	uint64_t destroyed; /* return address of the destroy call in its process, or 0 */
	uint64_t first, last; /* file locks: the range, both ends included */
	uint32_t level, of; /* 1 ..: the lock, or locks, of the key `of`, taken at that level; 0 */
};

struct lockdag_session_chunk {
	uint64_t previous; /* offset of the thread's older chunk, or 0 */
	uint32_t size;	   /* bytes, with this header */
	uint32_t used;	   /* bytes published, with this header */
};

enum lockdag_item_kind {
	LOCKDAG_ITEM_ACQUIRE = 1, /* a lock was asked for, or an event waited for */
	LOCKDAG_ITEM_RING,
	LOCKDAG_ITEM_POINT,
	LOCKDAG_ITEM_DISCHARGE, /* an event was signalled: an acquire item whose held rows are what the
				   thread asked for and waited for in its current iteration */
	LOCKDAG_ITEM_MISUSE,	/* a lock was misused: an acquire item with a rule, and at most one held
				   row, the other place; monitor: the lock given with it */
	LOCKDAG_ITEM_FORK,	/* a fork is about to happen: an acquire item without a lock, whose
				   held rows are what the forking thread holds; rule: its number; serial:
				   how many keys there were */
	LOCKDAG_ITEM_DECLARED,	/* an order that the program has declared */
};

enum lockdag_item_context {
	LOCKDAG_CONTEXT_DIRECTED = 1 << 0, /* in a handler: the signal was sent to this very thread */
	LOCKDAG_CONTEXT_ORPHAN = 1 << 1,   /* in a fork child whose forker had other threads */
};

/* A thread's sighting: first and last phase in which it asked. Where a thread that it made has lived and
 * was joined in between, it begins another one, up to a few; where it has passed a point of must-order, and
 * holds something, up to a few and a ring. */
struct lockdag_presence {
	uint32_t thread;
	uint32_t first_phase, last_phase;
	uint32_t key;
};

#define LOCKDAG_ITEM_WAIT 8 /* flag: an event was waited for */
#define LOCKDAG_ITEM_NEST 64 /* flag: under a lock that all of its class are taken under */

/* Item flags are core's enum lockdag_acquire_flag (try, timed, rewait, wait, nest). */
struct lockdag_item_held {
	uint64_t serial;
	uint64_t frame; /* return address of the call that took it */
	uint32_t key;
	uint8_t mode;
	uint8_t flags;
	uint16_t common; /* frames[common ..] of the item were its callers' callers too; n_frames when
			    none is known */
	uint64_t item; /* offset of the item of its own acquisition, or 0 */
};

/* Followed by n_held struct lockdag_item_held (outermost first), then n_frames frames. */
struct lockdag_item_acquire {
	uint16_t kind;
	uint16_t n_held;
	uint32_t size; /* bytes of the item, a multiple of 16 */
	uint64_t tag;
	struct lockdag_presence presence;
	uint64_t address;
	uint64_t serial;
	uint32_t next; /* item of the same tag: offset / 16, or 0 */
	uint32_t timeout_ms;
	uint8_t mode;
	uint8_t flags;
	uint16_t n_frames;
	uint32_t n_dropped; /* outermost held locks that did not fit */
	uint32_t monitor;   /* of a condition wait: key of its mutex, else LOCKDAG_KEY_NONE */
	uint32_t iteration; /* of a discharge: the phase its iteration began with */
	uint32_t rule;	    /* of a misuse: enum lockdag_misuse_rule; of a discharge: offset / 16 of the item
			       of the wait whose end began its iteration, or 0; of a wait: that of the
			       discharge that has ended it each time, LOCKDAG_NONE: of none, or it is
			       not known; 0: it has not ended yet, or nobody looked */
	uint32_t other;	    /* of a misuse: the thread of the other place, or LOCKDAG_NONE */
	uint64_t signals;   /* bit n - 1: signal n has a handler and can come here */
	uint8_t handler;    /* the signal whose handler this is in, or 0 */
	uint8_t context;    /* enum lockdag_item_context */
	uint16_t pad[3];
};

#define LOCKDAG_RING_SLOTS 16

/* Further threads with the same tag, without stacks of their own; or further presences of one. */
struct lockdag_item_ring {
	uint16_t kind;
	uint16_t stays; /* 1: the slots are one thread's, in the order of time, and are not used again; the
			   last one's key is 2 when further ones have been put into it */
	uint32_t size;
	uint64_t tag;
	struct lockdag_presence slots[LOCKDAG_RING_SLOTS];
	uint64_t acquire; /* offset of an item with this tag: chain and stacks */
	uint32_t next;
	uint32_t cursor;
};

enum lockdag_point_what {
	LOCKDAG_POINT_BARRIER,	 /* arrived: phases <= last are before what comes after the barrier */
	LOCKDAG_POINT_ONCE_RAN,	 /* phases first to last are the routine's */
	LOCKDAG_POINT_ONCE_SAW,	 /* phases >= first come after the routine */
	LOCKDAG_POINT_SEM_POST,	 /* phases <= last come before the post number `number` */
	LOCKDAG_POINT_SEM_WAIT,	 /* phases >= first come after the wait number `number` */
	LOCKDAG_POINT_REAPED,	 /* phases >= first come after the end of the child with the id `number` */
	LOCKDAG_POINT_SET,	 /* phases <= last come before an event that comes about once */
	LOCKDAG_POINT_GOT,	 /* phases >= first come after it, if it is one */
	LOCKDAG_N_POINTS
};

#define LOCKDAG_MAX_POINTS 64 /* rounds of one barrier, posts and waits of one semaphore */

/* A point of must-order in its thread. */
struct lockdag_item_point {
	uint16_t kind;
	uint16_t what; /* enum lockdag_point_what */
	uint32_t size;
	uint32_t key;	 /* of the barrier, semaphore, once control, future or futex word */
	uint32_t number; /* barriers: the round; semaphores: which post or wait; else 0 */
	uint32_t thread;
	uint32_t first, last;
	uint32_t pad;
};

/* Locks of the one name come before those of the other. */
struct lockdag_item_declared {
	uint16_t kind;
	uint16_t pad;
	uint32_t size;
	uint64_t before, after; /* offsets of texts */
	uint64_t pad2;
};

/* ---- the live state of a thread: one block of 8 KiB */

#define LOCKDAG_CACHE_SLOTS 256
/* Tags of two calls in one function differ by where the calls are, often by a multiple of the slots. */
#define LOCKDAG_CACHE_AT(tag) (((tag) ^ (tag) >> 8) % LOCKDAG_CACHE_SLOTS)
#define LOCKDAG_EVICTED_SLOTS 32
#define LOCKDAG_BLOCK_SIZE 8192

struct lockdag_cache_slot {
	uint64_t tag;
	uint32_t presence; /* offset / 16 of a presence, or 0: seen, but its place was lost */
	uint32_t phase;
};

struct lockdag_held_slot {
	uint64_t chain; /* chain key of the locks up to and with this one */
	uint64_t lock;	   /* address */
	uint64_t ip, sp;   /* return address of the call, the caller's stack pointer */
	uint64_t meta;	   /* key (32) | mode (8) | flags (8) | recursion count (16), from bit 0 */
	uint32_t presence; /* offset / 16 of its acquisition's presence, or 0 */
	uint32_t extra;	   /* of a MANY key: the serial's low half; of a file's: its owner; else a
			      stamp, given when a thread is created under it, or 0 */
};

#define LOCKDAG_SLOT_IS_MANY(slot) (((slot)->meta & LOCKDAG_KEY_MANY) != 0)
/* Which of the locks that share a key, or who owns a file's; 0: not known, or a key of its own. */
#define LOCKDAG_SLOT_HAS_SERIAL(slot) (((slot)->meta & (LOCKDAG_KEY_MANY | LOCKDAG_KEY_OWNED)) != 0)
#define LOCKDAG_SLOT_SERIAL(slot) (LOCKDAG_SLOT_HAS_SERIAL(slot) ? (uint64_t)(slot)->extra : 0)

#define LOCKDAG_META(key, mode, flags)                                                             \
	((uint64_t)(key) | (uint64_t)(mode) << 32 | (uint64_t)(flags) << 40)
#define LOCKDAG_META_KEY(meta) ((uint32_t)(meta))
#define LOCKDAG_META_MODE(meta) ((uint8_t)((meta) >> 32))
#define LOCKDAG_META_FLAGS(meta) ((uint8_t)((meta) >> 40))
#define LOCKDAG_META_ONE (UINT64_C(1) << 48)

/* Bits of a key as locks and slots carry it; the rest is the row in the key table. */
#define LOCKDAG_KEY_MANY (1u << 31)
#define LOCKDAG_KEY_RECURSIVE (1u << 30)
#define LOCKDAG_KEY_OWNED (1u << 29) /* a file's: the serial is its owner, below LOCKDAG_OWNER_FILE a
					process (row + 1), from there on an open file description */
#define LOCKDAG_OWNER_FILE (1u << 31)
#define LOCKDAG_KEY_ROW(key) ((key) & 0x1fffffffu)
#define LOCKDAG_KEY_NONE 0x1fffffffu /* no lock; of a wait item: the end of a thread (serial: its row + 1)
					or of a process (LOCKDAG_END_PROCESS | pid) */
#define LOCKDAG_END_PROCESS (UINT64_C(1) << 32)
/* What a thread waits for that waits for the end of a child: an address where nothing can be. */
#define LOCKDAG_CHILD_ADDRESS(pid) (UINT64_C(3) << 60 | (uint64_t)(uint32_t)(pid) << 4)
#define LOCKDAG_IS_CHILD_ADDRESS(address) ((address) >> 60 == 3)

/* What a thread waits for: an address, with one of these in its low bits. */
enum {
	LOCKDAG_WAIT_LOCK,
	LOCKDAG_WAIT_TIMED,
	LOCKDAG_WAIT_OTHER, /* for an event, with a time-out or that may come from outside */
	LOCKDAG_WAIT_EVENT, /* for an event, without limit */
	LOCKDAG_WAIT_KINDS = 3
};

struct lockdag_block {
	struct lockdag_held_slot *top; /* the first free slot: top - held locks are held */
	uint64_t waiting; /* 0, or address | kind: the first free slot is what it asks for */
	uint32_t phase;
	uint32_t thread; /* row */
	struct lockdag_held_slot *held, *end; /* the owner's pointers; a reader takes held_offset */
	uint64_t held_offset;
	/* cold from here on */
	int32_t tid;
	uint32_t process;
	uint64_t busy; /* stack pointer of a recording under way, or 0 */
	uint64_t stack_low, stack_high;
	uint64_t chunk; /* offset of the current chunk */
	uint64_t next_free;
	uint64_t began;	     /* the iteration: tag of the wait that ended then, or 0 */
	uint64_t digest;     /* of what was asked for in this iteration */
	uint32_t iteration;  /* phase it began with */
	uint32_t monitor;    /* of the wait being recorded */
	uint64_t joining;    /* of the join being recorded: thread row + 1 */
	uint64_t stamps;     /* given out to held slots */
	uint32_t forker_tid; /* in a fork child: locks from before the fork still name this owner */
	uint32_t lived;	     /* a thread that this one made in the phase before it has been joined; or 0 */
	uint64_t inherited;  /* slots that came over a fork, outermost first */
	/* Signals: a handler's locks lie behind a slot without a lock (LOCKDAG_KEY_NONE), and held is
	 * its first one; stack is that of the thread itself. */
	struct lockdag_held_slot *stack;
	uint64_t mask;	   /* blocked signals, as far as is known */
	uint64_t signals;  /* those that have a handler and can come, as the chain keys have it */
	uint8_t handler;   /* the signal whose handler runs, or 0 */
	uint8_t context;   /* enum lockdag_item_context */
	uint16_t handlers; /* how many are under way, one in the other */
	uint32_t next_slot; /* of guest/next.c */
	uint64_t next_lock;  /* the program has said something about its next acquisition, or 0 */
	uint32_t next_level; /* its level */
	uint16_t next_flags; /* and flags */
	uint16_t key_destructor_rounds;
	uint64_t next_chain; /* of guest/next.c */
	uint64_t announced; /* a lock of the program's own that it has said to ask for, or 0 */
	uint64_t frame; /* of the innermost signal handler, on its stack */
	uint64_t event; /* of the wait for an event: key, and a joined thread's row + 1 << 32 */
	uint64_t polls_at; /* where it polled last with nothing held, or the epoll set */
	uint64_t running; /* work that the program has said to run, or 0 */
	uint64_t told;	  /* it waits for this, as the program has said; how it does is not looked at */
	struct lockdag_cache_slot cache[LOCKDAG_CACHE_SLOTS];
	/* What had to leave the cache though it is of this iteration; not in the cache any more. */
	struct lockdag_cache_slot evicted[LOCKDAG_EVICTED_SLOTS];
	uint32_t n_evicted;
	uint32_t passed; /* its phase after the last point of must-order where it waited for others; or 0 */
	struct lockdag_held_slot sentinel; /* held_inline[-1]: no lock, the chain key of none; a grown
					      array has one too */
	struct lockdag_held_slot held_inline[];
};

#define LOCKDAG_INLINE_HELD                                                                        \
	((LOCKDAG_BLOCK_SIZE - sizeof(struct lockdag_block)) / sizeof(struct lockdag_held_slot))

/* ---- where things lie. Hash sets have four levels of growing size, see writer.c. */

struct lockdag_hash_entry {
	uint64_t key;
	uint32_t a, b;
};
#define LOCKDAG_HASH_FIRST (1u << 12) /* entries of the first level */
#define LOCKDAG_HASH_WINDOW 8u	      /* places a key can be in, in each level */
#define LOCKDAG_HASH_ENTRIES (LOCKDAG_HASH_FIRST + (1u << 16) + (1u << 20) + (1u << 24))

struct lockdag_session_layout {
	uint64_t processes, threads, modules, classes, keys, class_set, tag_set, heap;
};
extern const struct lockdag_session_layout lockdag_session_layout;

/* ------------------------------------------------------------------ the judge's side: making one */

struct lockdag_session;

/* A new empty session in a memfd of this process (not close-on-exec). command: for reports.
 * 0 or a negative errno. */
int lockdag_session_create(
	const char *command, uint32_t options, struct lockdag_session **ret_session);
int lockdag_session_fd(const struct lockdag_session *s);
/* Copies what is there to a new file (sparse where the session is). 0 or a negative errno. */
int lockdag_session_save(const struct lockdag_session *s, const char *path);
/* Opens a kept session. -EINVAL and *ret_why (static text) for a file that is none, is cut off,
 * or is of another version. */
int lockdag_session_open(
	const char *path, struct lockdag_session **ret_session, const char **ret_why);
/* The same over memory the caller keeps alive (fuzzing). */
int lockdag_session_from_memory(const void *bytes, size_t n, struct lockdag_session **ret_session,
	const char **ret_why);
void lockdag_session_close(struct lockdag_session *s); /* NULL is fine */

/* ------------------------------------------------------------------ reading: distrustful copies */

uint64_t lockdag_session_generation(const struct lockdag_session *s);
const char *lockdag_session_command(const struct lockdag_session *s); /* sanitised, never NULL */
uint64_t lockdag_session_lost(const struct lockdag_session *s, enum lockdag_loss loss);
const char *lockdag_loss_meaning(enum lockdag_loss loss); /* "locks were not watched: ..." */

/* Number of rows (bounded by the table). */
uint32_t lockdag_session_n_processes(const struct lockdag_session *s);
uint32_t lockdag_session_n_threads(const struct lockdag_session *s);
uint32_t lockdag_session_n_modules(const struct lockdag_session *s);
uint32_t lockdag_session_n_classes(const struct lockdag_session *s);
uint32_t lockdag_session_n_keys(const struct lockdag_session *s);

/* Each copies a committed row with strings terminated; false: not there or not committed.
 * References inside (process, class_id, parent ...) still have to be checked by the caller. */
bool lockdag_session_process(
	const struct lockdag_session *s, uint32_t i, struct lockdag_session_process *ret);
bool lockdag_session_thread(
	const struct lockdag_session *s, uint32_t i, struct lockdag_session_thread *ret);
bool lockdag_session_module(
	const struct lockdag_session *s, uint32_t i, struct lockdag_session_module *ret);
bool lockdag_session_class(
	const struct lockdag_session *s, uint32_t i, struct lockdag_session_class *ret);
bool lockdag_session_key(
	const struct lockdag_session *s, uint32_t i, struct lockdag_session_key *ret);
bool lockdag_session_snapshot(const struct lockdag_session *s, uint64_t offset,
	struct lockdag_session_snapshot *ret);
/* The text at offset (a class's name), cut to size, always terminated; false: none is there. */
bool lockdag_session_text(
	const struct lockdag_session *s, uint64_t offset, char *text, size_t size);
/* A thread's guards: copies at most LOCKDAG_MAX_GUARDS and returns how many. */
size_t lockdag_session_guards(const struct lockdag_session *s, uint64_t offset,
	struct lockdag_session_guard *guards);

/* An acquisition, copied out of the session. held and frames live in the struct. */
struct lockdag_session_acquire {
	uint64_t offset; /* of its item: its identity in this session */
	struct lockdag_item_acquire item;
	struct lockdag_item_held held[LOCKDAG_MAX_ITEM_HELD];
	uint64_t frames[LOCKDAG_MAX_FRAMES];
};

/* Calls each item of each thread, oldest first within a thread, threads by number. ring: a further
 * sighting of the acquisition at offset ring->acquire, by slot->thread. Callbacks may be NULL; one's non-zero
 * result ends the walk and is returned. */
struct lockdag_session_visitor {
	int (*acquire)(void *arg, const struct lockdag_session_acquire *a);
	int (*seen_by)(void *arg, uint64_t acquire_offset, const struct lockdag_presence *p);
	int (*point)(void *arg, const struct lockdag_item_point *point);
	int (*discharge)(void *arg, const struct lockdag_session_acquire *d);
	int (*misuse)(void *arg, const struct lockdag_session_acquire *x);
	int (*declared)(void *arg, const struct lockdag_item_declared *d);
};
int lockdag_session_walk(
	const struct lockdag_session *s, const struct lockdag_session_visitor *visitor, void *arg);
/* One acquisition by its offset (a held row's `item`). false: none there. */
bool lockdag_session_acquire_at(const struct lockdag_session *s, uint64_t offset,
	struct lockdag_session_acquire *ret);

/* The live state of thread row i: false when it has none. */
struct lockdag_session_live {
	uint64_t waiting; /* address, without kind; 0: not waiting */
	unsigned wait_kind;
	uint64_t event; /* of a wait for an event: key, and a joined thread's row + 1 << 32 */
	int32_t tid;
	uint8_t handler; /* the signal whose handler runs, or 0: its slots are behind the last one without a
			    lock (LOCKDAG_KEY_NONE) */
	uint32_t depth;			      /* slots held, bounded by LOCKDAG_MAX_ITEM_HELD */
	struct lockdag_held_slot asked;	      /* meaningful when waiting != 0 */
	struct lockdag_held_slot held[LOCKDAG_MAX_ITEM_HELD];
};
bool lockdag_session_live(
	const struct lockdag_session *s, uint32_t thread, struct lockdag_session_live *ret);

/* ------------------------------------------------------------------ the guest's side: writing
 *
 * Allocation-free, lock-free, safe in signal handlers and from any thread. `base` is where the
 * session is mapped, `limit` how many bytes of it are. All pointers are into the mapping. */

struct lockdag_writer {
	char *base;
	uint64_t limit;
	struct lockdag_session_header *header;
};

/* Claims a row; NULL when the table is full (counted). Its state is 0 until the caller commits it
 * by lockdag_store_release(&row->state, 1). *ret_row: its number. */
struct lockdag_session_process *lockdag_write_process(struct lockdag_writer *w, uint32_t *ret_row);
struct lockdag_session_thread *lockdag_write_thread(struct lockdag_writer *w, uint32_t *ret_row);
struct lockdag_session_module *lockdag_write_module(struct lockdag_writer *w, uint32_t *ret_row);
struct lockdag_session_class *lockdag_write_class(struct lockdag_writer *w, uint32_t *ret_row);
struct lockdag_session_key *lockdag_write_key(struct lockdag_writer *w, uint32_t *ret_row);

/* size bytes of heap, zeroed, aligned to align (a power of two, at least 16); 0 when it is full. */
uint64_t lockdag_write_heap(struct lockdag_writer *w, uint64_t size, uint64_t align);

/* Finds key (not 0) in a set or puts it there; NULL when every window is full. *ret_new: this call
 * put it there. The entry's a and b are the caller's, 0 at first. */
struct lockdag_hash_entry *lockdag_write_set(
	struct lockdag_writer *w, uint64_t set, uint64_t key, bool *ret_new);

/* Where a search for key in the set at base looks first. */
static inline struct lockdag_hash_entry *lockdag_hash_first(void *base, uint64_t key)
{
	return (struct lockdag_hash_entry *)base +
		(lockdag_hash_mix(key) & (LOCKDAG_HASH_FIRST - LOCKDAG_HASH_WINDOW));
}

/* Room for an item of size bytes (a multiple of 16) in the thread's chunk, a new chunk when it is
 * full; NULL: heap full. Publish with lockdag_write_publish when it is filled in. */
void *lockdag_write_item(struct lockdag_writer *w, struct lockdag_session_thread *thread,
	uint64_t *chunk, uint32_t size);
void lockdag_write_publish(struct lockdag_writer *w, uint64_t chunk, uint32_t size);

/* A thread block from the stack of free ones or the heap, zeroed but for its next_free; 0: full. */
uint64_t lockdag_write_block(struct lockdag_writer *w);
void lockdag_write_free_block(struct lockdag_writer *w, uint64_t block);

void lockdag_write_lost(struct lockdag_writer *w, enum lockdag_loss loss);
void lockdag_write_news(struct lockdag_writer *w);

#endif
