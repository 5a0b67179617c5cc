/* SPDX-License-Identifier: MIT
 *
 * guest: what is loaded into the program under test. It learns dependencies and writes them into
 * the session; it names and prints nothing, and what it decides is what to record (of pools, workers.h, that
 * is much: docs/decisions/0007). Contract: DESIGN.md section 6. In short:
 *
 *   it never harms its host	no exit, abort, malloc, stdio or lock of libc; errno preserved; what
 *				cannot be done is counted (header->lost) and left out
 *   fast, slow, cold		hooks_*.c hold a hook's fast path as straight code; what is new goes
 *				to record.c, held.c and identity.c; start, fork and threads to attach.c
 *   never validates itself	the hooks call the real functions, which do not come back here; where
 *				a real function would (GRecMutex), guest_tls.passive is set
 *
 * Steady state of an uncontended lock: read the lock's identity from its spare bytes, mix it into
 * the chain key, find that key in this thread's cache, push a held slot, call the real function.
 * No shared cache line is written, no system call, no clock.
 *
 * Who writes what:
 *   guest_tls, the block it points to	only their thread (and its signal handlers)
 *   a lock's spare bytes		whoever sees the lock first (identity.c), by CAS
 *   guest_process			the first thread to come here; read-only afterwards, but for
 *					a fork child, which has one thread
 * A signal handler may come between any two instructions: a held slot is written before top moves
 * over it, and a hook looks whether its slot was overwritten before it does.
 */
#ifndef LOCKDAG_GUEST_H
#define LOCKDAG_GUEST_H

#include <dlfcn.h>
#include <link.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <mqueue.h>
#include <sys/epoll.h>
#include <sys/sem.h>
#include <sys/select.h>
#include <sys/uio.h>
#include <sys/socket.h>
#include <threads.h>
#include <time.h>

#include "base/atomic.h"
#include "base/base.h"
#include "guest/unwind.h"
#include "session/session.h"

/* Everything but the hooks is local to the library: no detour through its own symbol table. */
#pragma GCC visibility push(hidden)

#define GUEST_EXPORT __attribute__((visibility("default")))

enum { GUEST_TRY = 1, GUEST_TIMED = 2, GUEST_REWAIT = 4, GUEST_WAIT = 8, GUEST_NEST = 64, GUEST_TURN = 128 }; /* = core's enum lockdag_acquire_flag */

/* Where the hook was called from: return address, and the caller's stack pointer after it. */
#define GUEST_IP() ((uint64_t)__builtin_return_address(0))
#define GUEST_SP() ((uint64_t)__builtin_dwarf_cfa())

/* ------------------------------------------------------------------ state */

struct guest_fork;

struct guest_tls {
	struct lockdag_block *block; /* NULL: not attached, passive or ended */
	struct guest_fork *fork;     /* a call of fork under way */
	uint32_t passive;	     /* > 0: forward everything */
	uint32_t ended;
};
extern __thread struct guest_tls guest_tls __attribute__((tls_model("initial-exec")));

/* A page that a fork child sees as zero. */
struct guest_wipe {
	uint32_t alive;
} __attribute__((aligned(4096)));
extern struct guest_wipe guest_wipe[2];

struct guest_process {
	struct lockdag_writer writer; /* the session */
	struct lockdag_writer shadow; /* private: identities of locks without spare bytes */
	uint32_t state;		      /* enum guest_state */
	uint32_t row;		      /* of the session's processes */
	uint32_t first_thread;	      /* no row of its threads is before this one */
	uint32_t salt;		      /* the session's cookie */
	uint32_t strangers;	      /* locks were released by threads that did not hold them */
	bool orphan;		      /* a fork child whose forker had other threads */
	bool embed;		      /* spare bytes of locks may be used */
	bool follow_exec;
	bool has_names; /* the program names locks (lockdag.h) */
	pthread_key_t end_key;
	bool has_end_key;
	bool exit_fails;  /* exit was called with a status that is not 0 */
	uint64_t exit_ip; /* where it was called, 0: nowhere yet */
	uint64_t main_low, main_high;	 /* the first thread's stack */
	char session_variable[64];	 /* "LOCKDAG_SESSION=..." */
	char preload[2048];		 /* this library, as LD_PRELOAD has it; "": unknown */
};
enum guest_state { GUEST_NEW, GUEST_STARTING, GUEST_READY, GUEST_INERT };
extern struct guest_process guest_process;

struct guest_real {
#define REAL(type, name, parameters, version) type(*name) parameters;
#include "guest/real.def"
#undef REAL
};
extern struct guest_real guest_real;

/* The real functions before anybody attached: resolves them all on first use. */
struct guest_real *guest_reals(void);
/* A function that the program need not have; NULL: it is nowhere. library: where it is from (NULL:
 * libc); ip: in the caller that asked for it. */
void *guest_find(const char *name, const char *library, uint64_t ip);
/* The real dlsym, and a call of it. */
void *guest_real_dlsym(void);
void *guest_dlsym(void *handle, const char *name);
/* Notes what the program was started with (hooks_loader.c); once a process. */
void guest_loader_start(void);
/* Is the thread inside dlopen or dlclose? */
bool guest_loader_runs(struct lockdag_block *t);

/* ------------------------------------------------------------------ attach.c */

/* This thread's block; attaches the process or the thread when that is still to do. NULL: forward
 * only (no session, passive, ended, or nothing free). */
struct lockdag_block *guest_attach(void);

LOCKDAG_INLINE struct lockdag_block *guest_current(void)
{
	struct lockdag_block *t = guest_tls.block;

	return LOCKDAG_LIKELY(t && guest_wipe->alive) ? t : guest_attach();
}

/* Takes the block away for the time of a call that would come back into the hooks. */
LOCKDAG_INLINE struct lockdag_block *guest_pause(void)
{
	struct lockdag_block *t = guest_tls.block;

	guest_tls.passive++;
	guest_tls.block = NULL;
	return t;
}

LOCKDAG_INLINE void guest_resume(struct lockdag_block *t)
{
	guest_tls.block = t;
	guest_tls.passive--;
}

/* A thread about to be created: its row and block, with parent and site; NULL: not possible. */
struct lockdag_block *guest_thread_prepare(struct lockdag_block *parent, uint64_t ip,
	uint64_t routine, const pthread_attr_t *attributes);
/* child: its row, read before it started. */
void guest_thread_created(struct lockdag_block *parent, uint32_t child, const pthread_t *handle);
void guest_thread_not_created(struct lockdag_block *child);
/* The block whose held locks free is to look at; NULL: none any more. */
void guest_memory_thread(const struct lockdag_block *t);
/* In the new thread, first thing; stack_top: an address at its outermost end. */
void guest_thread_begin(struct lockdag_block *t, uint64_t stack_top);
/* The row of the thread with that handle, or LOCKDAG_NONE. */
uint32_t guest_thread_by_handle(pthread_t handle);
/* Makes the last level of the shadow table usable; false: it is, or cannot be. */
bool guest_grow_shadow(void);
/* After a join of handle returned 0. */
void guest_thread_joined(struct lockdag_block *t, pthread_t handle);
void guest_thread_named(pthread_t handle, const char *name);

/* Round fork: what the forking thread holds, on its own stack (the block goes on changing in the
 * parent while the child starts). */
#define GUEST_FORK_HELD 128
struct guest_fork {
	struct lockdag_block *parent;
	uint32_t depth, phase;
	uint32_t number;  /* among its process's forks */
	uint32_t n_frames;
	uint64_t mask;
	uint64_t item; /* LOCKDAG_ITEM_FORK, or 0 */
	struct guest_stack_frame frames[LOCKDAG_MAX_FRAMES];
	struct lockdag_held_slot held[GUEST_FORK_HELD];
};
/* last: no atfork handlers come behind this. */
void guest_fork_before(struct guest_fork *f, bool last);
/* Registers our own atfork handlers, before anybody else's: so that they run last. */
void guest_fork_register(void);
uint64_t guest_record_fork(struct lockdag_block *t, const struct guest_fork *f);
void guest_fork_child(struct guest_fork *f);
void guest_fork_parent(struct guest_fork *f);

LOCKDAG_INLINE struct lockdag_session_thread *guest_thread_row(uint32_t row)
{
	return (struct lockdag_session_thread *)(guest_process.writer.base +
		lockdag_session_layout.threads) + row;
}

LOCKDAG_INLINE struct lockdag_session_process *guest_process_row(uint32_t row)
{
	return (struct lockdag_session_process *)(guest_process.writer.base +
		lockdag_session_layout.processes) + row;
}

LOCKDAG_INLINE struct lockdag_session_class *guest_class_row(uint32_t row)
{
	return (struct lockdag_session_class *)(guest_process.writer.base +
		lockdag_session_layout.classes) + row;
}

LOCKDAG_INLINE struct lockdag_session_key *guest_key_row(uint32_t key)
{
	return (struct lockdag_session_key *)(guest_process.writer.base +
		lockdag_session_layout.keys) + LOCKDAG_KEY_ROW(key);
}

LOCKDAG_INLINE struct lockdag_session_module *guest_module_row(uint32_t row)
{
	return (struct lockdag_session_module *)(guest_process.writer.base +
		lockdag_session_layout.modules) + row;
}

/* A code or data address as the session keeps it; registers its module when that is new. */
uint64_t guest_frame(uint64_t address);

/* ------------------------------------------------------------------ identity.c
 *
 * A lock's identity is its key: 32 bits, in the low half of a word whose high half checks that the
 * word was made for this address and this session. A memcpy'd, garbage or foreign word fails the
 * check, as one that an earlier session left in a file, and the lock gets a new identity. Mutexes (also mtx_t) have the word at byte 24 and a serial at 32, rwlocks at
 * 16 and 40 (RUNTIME.md section 3.2); all others are in the shadow table. */

/* In units of 8 bytes: the word, and the serial of a lock whose key is shared. */
enum { GUEST_MUTEX_WORD = 3, GUEST_MUTEX_SERIAL = 4, GUEST_RWLOCK_WORD = 2, GUEST_RWLOCK_SERIAL = 5 };

LOCKDAG_INLINE uint32_t guest_check(const void *lock)
{
	return ((uint32_t)((uintptr_t)lock >> 3) * 0x9e3779b1u ^ guest_process.salt) | 1;
}

/* What the check says when the lock was destroyed: the key is still that of the lock it was. */
#define GUEST_TOMB(lock) (guest_check(lock) ^ 0x5bd1e994u)

struct guest_site {
	uint64_t ip, sp;
};

/* The key of a lock that is not marked, making its identity when it has none. init: by an init
 * call (a new identity whatever there was). value: semaphores' initial value, else 1.
 * *ret_key; false: this lock is not watched. */
bool guest_identify(struct lockdag_block *t, void *lock, enum lockdag_lock_type type, bool init,
	uint32_t value, struct guest_site site, uint32_t *ret_key);
/* The program calls the object so from now on (lockdag.h). */
void guest_name(const void *object, const char *name);
/* Has it? */
bool guest_has_name(const void *object);
/* The lock is destroyed, by a call at ip. */
void guest_destroy(void *lock, enum lockdag_lock_type type, uint64_t ip);
/* The value a named semaphore was made with; LOCKDAG_NONE: it is none (hooks_sem.c). */
uint32_t guest_sem_value(const void *sem);
/* What is known by its address alone, there, is not there any more. */
void guest_forget(const void *lock);
/* The key of a lock without a word that was destroyed, and not made again. */
bool guest_destroyed_key(const void *lock, uint32_t *ret_key);
/* The key of a lock seen before; false: never seen. Safe and quick. */
bool guest_lookup(const void *lock, enum lockdag_lock_type type, uint32_t *ret_key);
/* The same where nobody knows its kind. Reads no further than the page that it begins on. */
bool guest_lookup_any(const void *lock, uint32_t *ret_key);
/* Which of a MANY key's locks this is; 0: it is not known. Reads the lock. */
uint64_t guest_serial(const void *lock, uint32_t key);
/* Whether the owner word in the lock itself says that this thread does not hold it any more. */
bool guest_was_released(const struct lockdag_block *t, const struct lockdag_held_slot *slot);

/* One copy of a text in the session: its offset, or 0. */
uint64_t guest_text(const char *text);

/* ------------------------------------------------------------------ next.c */

/* The thread's next acquisition of lock is of that level (0: the lock's own), and has these flags. */
void guest_next(struct lockdag_block *t, const void *lock, uint32_t level, uint32_t flags);
/* Something was said about a next acquisition, and the one in the first free slot may be it: then the
 * slot and its tag become what was said. */
void guest_next_asked(struct lockdag_block *t, uint64_t *tag);
/* After the acquisition in the first free slot was recorded: it was another one. */
void guest_next_keep(struct lockdag_block *t);

/* ------------------------------------------------------------------ record.c */

/* Had the tag to leave the thread's cache in this iteration? */
bool guest_is_evicted(const struct lockdag_block *t, uint64_t tag);
/* Puts a mere mark for the tag into the cache. */
void guest_cache_mark(struct lockdag_block *t, uint64_t tag);

/* The acquisition in the first free slot is new in this thread's cache, or its phase is: finds or
 * writes its record, fills the cache and the slot's presence. The slot moves down, with another
 * chain key, when locks below it turn out to have been released by other threads. */
void guest_record(struct lockdag_block *t, uint64_t tag, uint32_t timeout_ms);
/* The same for a discharge: what this thread did in its iteration, and that it signals event now. */
void guest_record_discharge(struct lockdag_block *t, const void *event, uint32_t key, uint64_t tag,
	struct guest_site site);
/* The thread's wait for event, of that presence, is over, after the discharge of the other presence (0: it is
 * not known after which). */
void guest_record_ended(
	const struct lockdag_block *t, const void *event, uint32_t wait, uint32_t discharge);
/* What is held goes on being held while t->signals, which are more than before, can come. */
void guest_record_state(struct lockdag_block *t, struct guest_site site);
/* The turns of a thread's event loop (hooks_poll.c): of those that a timer began, and nobody else, what they
 * asked for. They may come at any time, so that the loop may be there when somebody waits for what another turn
 * is to signal. */
struct guest_turns {
	uint64_t site; /* where the loop polls, or the set that it does */
	uint64_t digest; /* of what is marked; 0: nothing */
	uint64_t marks[LOCKDAG_CACHE_SLOTS / 64]; /* of the thread's cache */
	uint32_t since; /* phase in which such a turn began, that is not over; or 0 */
	uint32_t iteration; /* when it polled last */
	bool timed, woken; /* it may time out; something was there to be read */
};
extern __thread struct guest_turns guest_turns __attribute__((tls_model("initial-exec")));
/* Marks what was asked for since guest_turns.since. */
void guest_turns_mark(struct lockdag_block *t);

/* Is the thread in a turn that somebody has asked for, and in no later iteration? */
LOCKDAG_INLINE bool guest_turns_count(const struct lockdag_block *t)
{
	return guest_turns.digest && guest_turns.woken && guest_turns.iteration == t->iteration;
}

/* Has the thread ever asked for a lock whose key is that row? What its cache remembers of it. */
bool guest_has_asked(const struct lockdag_block *t, uint32_t row);
/* For the tag of a lock of a shared key: how it stands to the locks of its class that are held. */
uint64_t guest_which(
	struct lockdag_block *t, const void *lock, uint32_t key, uint32_t serial);

/* A recording is under way from begin to end. A signal handler that comes in between must not start
 * another: false, counted. A recording that a handler jumped out of is over once its frame is. */
LOCKDAG_INLINE bool guest_busy_begin(struct lockdag_block *t, uint64_t sp)
{
	if (LOCKDAG_UNLIKELY(t->busy && (sp < t->busy || sp > t->stack_high))) {
		lockdag_write_lost(&guest_process.writer, LOCKDAG_LOST_HANDLER);
		return false;
	}
	t->busy = sp;
	lockdag_signal_fence();
	return true;
}

LOCKDAG_INLINE void guest_busy_end(struct lockdag_block *t)
{
	lockdag_signal_fence();
	t->busy = 0;
}

/* ------------------------------------------------------------------ held.c */

/* The held array is full: makes it larger. */
void guest_grow(struct lockdag_block *t);
/* Takes a held slot out, rehashing those above. */
void guest_remove(struct lockdag_block *t, struct lockdag_held_slot *at);
/* Fills the first free slot again, which a signal handler has used meanwhile, and pushes it. */
void guest_push_again(struct lockdag_block *t, void *lock, enum lockdag_lock_type type, unsigned mode,
	uint64_t ip, uint64_t sp);
/* Takes out of the held stack what is not the innermost lock, or was taken more than once. false: it is
 * not held. */
bool guest_release_other(struct lockdag_block *t, const void *lock);
/* An unlock of such a lock, or of one that is not held. type: LOCKDAG_N_LOCK_TYPES: anybody may. */
void guest_release_slow(struct lockdag_block *t, const void *lock, enum lockdag_lock_type type,
	uint64_t ip, uint64_t sp);
/* The lock that was taken last came from an owner that had died: its unlock is looked at. */
void guest_inherited(const void *lock);
/* In a held slot's meta, above its count: taken from an owner that had died; exit was called by another
 * function than the one that took it. */
#define GUEST_INHERITED (UINT64_C(1) << 63)
#define GUEST_PARKED (UINT64_C(1) << 62)
#define GUEST_IS_NESTED(meta) ((meta) << 2 >> 2 >= LOCKDAG_META_ONE)

/* ------------------------------------------------------------------ the fast path, inline */

/* The chain key of no lock held. */
#define GUEST_CHAIN_BASE 0x6c6f636b64616701u

LOCKDAG_INLINE uint64_t guest_chain(uint64_t chain, uint32_t key, unsigned mode)
{
	uint64_t k = (chain ^ key ^ (uint64_t)mode << 32) * 0x9e3779b97f4a7c15u;

	return k ^ k >> 32;
}

LOCKDAG_INLINE uint32_t guest_depth(const struct lockdag_block *t)
{
	return (uint32_t)(t->top - t->held);
}

/* The innermost slot that holds lock, or NULL. */
LOCKDAG_INLINE struct lockdag_held_slot *guest_find_held(struct lockdag_block *t, const void *lock)
{
	for (struct lockdag_held_slot *held = t->top; held-- > t->held;)
		if (held->lock == (uint64_t)lock)
			return held;
	return NULL;
}

/* Fills the first free slot with an acquisition and has it recorded when it is new. shared (a constant
 * where this is inlined): whether the key may be a MANY one, and where the lock's serial is then: a
 * word of the lock, or GUEST_LOOK_UP. */
enum { GUEST_LOOK_UP = 0, GUEST_NOT_SHARED = -1 };

LOCKDAG_INLINE void guest_ask(struct lockdag_block *t, void *lock, uint32_t key, unsigned mode,
	unsigned flags, uint32_t timeout_ms, uint64_t which, uint64_t ip, uint64_t sp, int shared)
{
	struct lockdag_held_slot *slot = t->top;
	uint64_t chain = guest_chain(slot[-1].chain, key, mode);
	uint64_t tag = chain + ip + ((uint64_t)flags << 56) + which;
	const struct lockdag_cache_slot *cache;
	uint32_t extra = 0;

	slot->lock = (uint64_t)lock; /* first: a handler that comes later is seen by it */
	lockdag_signal_fence();
	if (shared != GUEST_NOT_SHARED && LOCKDAG_UNLIKELY(key & LOCKDAG_KEY_MANY)) {
		extra = (uint32_t)(shared ? ((const uint64_t *)lock)[shared]
					  : guest_serial(lock, key));
		if (slot != t->held)
			tag += guest_which(t, lock, key, extra);
	}
	cache = &t->cache[LOCKDAG_CACHE_AT(tag)];
	slot->chain = chain;
	slot->ip = ip;
	slot->sp = sp;
	slot->meta = LOCKDAG_META(key, mode, flags);
	slot->extra = extra;
	slot->presence = cache->presence;
	if (LOCKDAG_UNLIKELY(cache->tag != tag || cache->phase != t->phase))
		guest_record(t, tag, timeout_ms);
}

/* The lock in the first free slot is held now. */
LOCKDAG_INLINE void guest_push(struct lockdag_block *t)
{
	lockdag_signal_fence();
	if (LOCKDAG_UNLIKELY(++t->top >= t->end))
		guest_grow(t);
}

/* The steady state of an acquisition, before and after the real call. */
LOCKDAG_INLINE void guest_before(struct lockdag_block *t, void *lock, uint32_t key, unsigned mode,
	uint64_t ip, uint64_t sp, int shared)
{
	guest_ask(t, lock, key, mode, 0, 0, 0, ip, sp, shared);
	lockdag_store_relaxed(&t->waiting, (uint64_t)lock);
}

/* The same for a key that is the lock's alone. */
LOCKDAG_INLINE void guest_before_plain(struct lockdag_block *t, void *lock, uint32_t key,
	unsigned mode, uint64_t ip, uint64_t sp)
{
	guest_ask(t, lock, key, mode, 0, 0, 0, ip, sp, GUEST_NOT_SHARED);
	lockdag_store_relaxed(&t->waiting, (uint64_t)lock);
}

LOCKDAG_INLINE void guest_after(struct lockdag_block *t, void *lock, enum lockdag_lock_type type,
	unsigned mode, uint64_t ip, uint64_t sp, bool got)
{
	lockdag_store_relaxed(&t->waiting, 0);
	if (LOCKDAG_UNLIKELY(!got))
		return;
	if (LOCKDAG_LIKELY(t->top->lock == (uint64_t)lock))
		guest_push(t);
	else
		guest_push_again(t, lock, type, mode, ip, sp);
}

/* This thread's block when a hook may go the fast way, else NULL. */
LOCKDAG_INLINE struct lockdag_block *guest_ready(void)
{
	struct lockdag_block *t = guest_tls.block;

	return LOCKDAG_LIKELY(t && guest_wipe->alive) ? t : NULL;
}

/* The steady state of a try that has succeeded: it never waited, it holds. */
LOCKDAG_INLINE void guest_tried(struct lockdag_block *t, void *lock, uint32_t key, unsigned mode,
	uint64_t ip, uint64_t sp, int shared)
{
	guest_ask(t, lock, key, mode, GUEST_TRY, 0, 0, ip, sp, shared);
	guest_push(t);
}

/* The key of a lock with a word of its own, when it has one. */
LOCKDAG_INLINE bool guest_word_key(const void *lock, unsigned word, uint32_t *ret_key)
{
	uint64_t w = lockdag_load_relaxed((const uint64_t *)lock + word);

	*ret_key = (uint32_t)w;
	return LOCKDAG_LIKELY(w >> 32 == guest_check(lock));
}

/* The same when nothing about the key is special: not recursive, not shared with other locks. */
LOCKDAG_INLINE bool guest_plain_word(const void *lock, unsigned word, uint32_t *ret_key)
{
	return guest_word_key(lock, word, ret_key) &&
		LOCKDAG_LIKELY(!(*ret_key & (LOCKDAG_KEY_RECURSIVE | LOCKDAG_KEY_MANY)));
}

/* The key of a lock in the shadow table that cannot be taken recursively: only its first place is looked at. */
LOCKDAG_INLINE bool guest_plain_shadow(const void *lock, uint32_t *ret_key)
{
	const struct lockdag_hash_entry *e = lockdag_hash_first(guest_process.shadow.base, (uint64_t)lock);
	uint32_t a = lockdag_load_relaxed(&e->a);

	*ret_key = a - 1;
	return LOCKDAG_LIKELY(lockdag_load_relaxed(&e->key) == (uint64_t)lock && a &&
		!(*ret_key & LOCKDAG_KEY_RECURSIVE));
}

/* lock is about to be released: it leaves the held stack first, so that no two threads are ever
 * seen to hold it. */
LOCKDAG_INLINE void guest_release(
	struct lockdag_block *t, const void *lock, enum lockdag_lock_type type)
{
	struct lockdag_held_slot *top = t->top - 1; /* nothing held: the sentinel */

	if (LOCKDAG_LIKELY(top->lock == (uint64_t)lock && !(top->meta >> 48)))
		t->top = top;
	else
		guest_release_slow(t, lock, type, GUEST_IP(), GUEST_SP());
}

#pragma GCC visibility pop

#endif
