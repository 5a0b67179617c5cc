/* SPDX-License-Identifier: MIT
 *
 * Which lock a futex is part of, and who has it. Layouts are glibc's for x86-64 (2.34 to 2.40):
 *
 *	mutex	0 lock, 4 count, 8 owner, 12 users, 16 kind
 *	rwlock	0 readers, 4 writers, 8 phase, 12 writers' futex, 24 current writer, 28 shared, 48
 *flags cond	32 size, 36 references, 40 and 44 signals barrier	0 in, 4 round, 8 count, 12
 *shared, 16 out FILE's	0 lock, 4 count, 8 owner (its struct pthread, tid at 0x2d0, itself at 0x10)
 *
 * Nothing of that is believed unless it fits: an owner has to be a thread that there is.
 */
#include "internal.h"

#include <linux/futex.h>
#include <stdio.h>
#include <string.h>

#define FUTEX_TID 0x3fffffffu
#define RWLOCK_WAITING 4u
#define PTHREAD_SELF 0x10
#define PTHREAD_TID 0x2d0
#define MUSL_TID 48
#define MUSL_STATE 56

enum {
	MUTEX_COUNT = 4,
	MUTEX_OWNER = 8,
	MUTEX_KIND = 16,
	MUTEX_RECURSIVE = 1,
	MUTEX_ROBUST = 0x10,
	MUTEX_INHERITS = 0x20,
	MUTEX_SHARED = 0x80,
	MUTEX_KINDS = 0x3ff /* 0x100 and 0x200: elision, or none (a mutex set to be NORMAL, mtx_plain) */
};

struct futex {
	struct hang *h;
	uint32_t process;
	const struct hang_process *p;
	const struct hang_thread *t;
	uint64_t address;
	unsigned command;
	bool private;
	uint32_t value, word;
	struct hang_primitive prim;
};

static bool futex_is_thread(const struct futex *f, uint32_t tid)
{
	return tid && hang_find_thread(f->h, f->process, (int)tid, true) != LOCKDAG_NONE;
}

/* ------------------------------------------------------------------ mutexes */

static void futex_owner(struct hang_wait *w, uint32_t tid)
{
	w->owned = tid != 0;
	w->owner_tid = tid;
}

static bool futex_inherits(const struct futex *f, uint64_t mutex)
{
	uint32_t word, owner, kind;

	return mutex >= 4096 && !(mutex % 4) && hang_read_u32(f->p, mutex, &word) &&
	       hang_read_u32(f->p, mutex + MUTEX_OWNER, &owner) &&
	       hang_read_u32(f->p, mutex + MUTEX_KIND, &kind) && kind <= MUTEX_KINDS &&
	       kind & MUTEX_INHERITS && owner == (word & FUTEX_TID) && futex_is_thread(f, owner);
}

/* From a word of its caller's: the mutex, or its kind, which is looked at again and again. */
static bool futex_finds_inheriting(const struct futex *f, uint64_t word, uint64_t *ret)
{
	*ret = word;
	if (futex_inherits(f, word))
		return true;
	*ret = word - MUTEX_KIND;
	return futex_inherits(f, *ret);
}

/* The kernel refuses a mutex with priority inheritance that would close a circle. glibc then waits for good,
 * at a zero of its own stack; the mutex is among the registers and words of its frames. */
static bool futex_is_refused(const struct futex *f, uint64_t *ret)
{
	const struct hang_thread *t = f->t;
	uint64_t from = t->sample.sp, end, at, word;

	if (f->prim.kind != LOCKDAG_STILL_MUTEX || f->prim.frame + 1 >= t->n_frames || f->word ||
		f->value || f->command != FUTEX_WAIT_BITSET)
		return false;
	end = t->frames[f->prim.frame + 1].rsp;
	if (f->address < from || f->address >= end || end - from > HANG_WINDOW)
		return false;
	for (size_t i = 0; i <= f->prim.frame; i++) {
		const struct hang_frame *r = &t->frames[i];
		const uint64_t saved[] = {r->rbx, r->rbp, r->r12, r->r13, r->r14, r->r15};

		for (size_t k = 0; k < LOCKDAG_ARRAY_SIZE(saved); k++)
			if (futex_finds_inheriting(f, saved[k], ret))
				return true;
	}
	for (at = from; at < end; at += 8)
		if (hang_read_u64(f->p, at, &word) && futex_finds_inheriting(f, word, ret))
			return true;
	return false;
}

static void futex_mutex(struct futex *f, struct hang_wait *w)
{
	uint32_t owner = 0, kind = 0, count = 0;
	uint64_t refused;

	w->kind = LOCKDAG_STILL_MUTEX;
	w->address = f->address;
	w->type = f->prim.kind == LOCKDAG_STILL_MUTEX && f->prim.type ? f->prim.type : "mutex";
	if (!strcmp(w->type, "GMutex") || !strcmp(w->type, "bit lock"))
		return;
	if (futex_is_refused(f, &refused)) {
		w->address = refused;
		hang_read_u32(f->p, w->address, &owner);
		futex_owner(w, owner & FUTEX_TID);
		w->detail = "priority inheritance, refused by the kernel as a deadlock";
		return;
	}
	hang_read_u32(f->p, f->address + MUTEX_KIND, &kind);
	if (f->command == FUTEX_LOCK_PI || f->command == FUTEX_LOCK_PI2) {
		futex_owner(w, f->word & FUTEX_TID);
		w->detail = "priority inheritance";
	} else if (f->value == 2 && kind <= MUTEX_KINDS) {
		hang_read_u32(f->p, f->address + MUTEX_OWNER, &owner);
		hang_read_u32(f->p, f->address + MUTEX_COUNT, &count);
		futex_owner(w, owner & FUTEX_TID);
		if ((kind & 3) == MUTEX_RECURSIVE && count)
			w->detail = lockdag_standstill_textf(
				f->h->s, "recursive, taken %u times", count);
	} else if (kind <= MUTEX_KINDS && kind & MUTEX_ROBUST) {
		futex_owner(w, f->word & FUTEX_TID);
		w->detail = "robust";
	} else if (futex_is_thread(f, f->word & FUTEX_TID)) {
		futex_owner(w, f->word & FUTEX_TID); /* musl's; its plain ones say nobody */
	}
	w->shared = w->shared && (kind & MUTEX_SHARED || !f->private);
}

/* Nobody said that it is a mutex: does it look like one? */
static bool futex_looks_like_mutex(const struct futex *f)
{
	uint32_t owner, kind;

	return f->command == FUTEX_WAIT && f->value == 2 && f->word == 2 &&
	       hang_read_u32(f->p, f->address + MUTEX_OWNER, &owner) &&
	       hang_read_u32(f->p, f->address + MUTEX_KIND, &kind) && futex_is_thread(f, owner) &&
	       kind <= MUTEX_KINDS;
}

/* A lock inside the C library. Those of FILEs have an owner. */
static void futex_libc(struct futex *f, struct hang_wait *w)
{
	uint64_t owner = 0, self = 0;
	uint32_t tid = 0;

	w->kind = LOCKDAG_STILL_LIBC_LOCK;
	w->address = f->address;
	w->type = "lock of the C library";
	w->what = lockdag_standstill_textf(f->h->s, "a lock inside %s() (0x%llx)",
		f->prim.outermost ? f->prim.outermost : "the C library",
		(unsigned long long)f->address);
	if (hang_read_u64(f->p, f->address + 8, &owner) && owner &&
		hang_read_u64(f->p, owner + PTHREAD_SELF, &self) && self == owner &&
		hang_read_u32(f->p, owner + PTHREAD_TID, &tid) && futex_is_thread(f, tid))
		futex_owner(w, tid);
}

/* ------------------------------------------------------------------ rwlocks */

static void futex_rwlock(struct futex *f, struct hang_wait *w)
{
	uint32_t readers = 0, writer = 0;
	bool queued = f->value & RWLOCK_WAITING; /* a fair reader, behind a queued writer */

	w->kind = LOCKDAG_STILL_RWLOCK;
	w->mode = f->prim.mode;
	w->type = f->prim.type;
	if (f->address % 8)
		w->address = f->address - 12;
	else
		w->address = queued ? f->address : f->address - 8;
	if (!hang_read_u32(f->p, w->address, &readers) ||
		!hang_read_u32(f->p, w->address + 24, &writer))
		return;
	w->readers = readers >> 3;
	if (w->readers)
		w->detail = lockdag_standstill_textf(
			f->h->s, "%u reader%s", w->readers, w->readers == 1 ? "" : "s");
	if (queued)
		w->mode = LOCKDAG_READ;
	if (writer)
		futex_owner(w, writer);
	else
		w->behind_writer = queued || f->address % 8;
}

/* ------------------------------------------------------------------ the rest */

static void futex_plain(struct futex *f, struct hang_wait *w, enum lockdag_wait_kind kind,
	const char *type, uint64_t address)
{
	w->kind = kind;
	w->type = type;
	w->address = address;
	(void)f;
}

static void futex_barrier(struct futex *f, struct hang_wait *w)
{
	uint32_t in = 0, round = 0, count = 0;

	futex_plain(f, w, LOCKDAG_STILL_BARRIER, "barrier", f->address - 4);
	if (hang_read_u32(f->p, w->address, &in) && hang_read_u32(f->p, w->address + 4, &round) &&
		hang_read_u32(f->p, w->address + 8, &count) && count)
		w->detail =
			lockdag_standstill_textf(f->h->s, "%u of %u have come", in - round, count);
}

static bool futex_is_join(const struct futex *f)
{
	return f->command == FUTEX_WAIT_BITSET && !f->private && f->value == f->word &&
	       (f->prim.kind == LOCKDAG_STILL_JOIN || f->prim.kind == LOCKDAG_N_STILL) &&
	       futex_is_thread(f, f->value);
}

/* musl's: the state of the joined thread (2: joinable) within its struct pthread, which begins with its
 * own address and has the tid one word before (1.2). */
static uint32_t futex_musl_joined(const struct futex *f)
{
	uint64_t thread = f->address - MUSL_STATE, self;
	uint32_t tid;

	if (f->command != FUTEX_WAIT || f->value != 2 || f->word != 2 ||
		(f->prim.kind != LOCKDAG_STILL_JOIN && f->prim.kind != LOCKDAG_N_STILL) ||
		!hang_read_u64(f->p, thread, &self) || self != thread ||
		!hang_read_u32(f->p, thread + MUSL_TID, &tid) || !futex_is_thread(f, tid))
		return 0;
	return tid;
}

static void futex_condition(struct futex *f, struct hang_wait *w)
{
	if (!strcmp(f->prim.type, "GCond"))
		futex_plain(f, w, LOCKDAG_STILL_CONDITION, "GCond", f->address);
	else
		futex_plain(f, w, LOCKDAG_STILL_CONDITION, "condition",
			f->address - (f->address % 8 ? 44 : 40));
}

/* GLib's slow path has no exported name: what calls syscall() from there, for a word that is 2, is
 * a GMutex. */
static bool futex_is_gmutex(const struct futex *f)
{
	const struct hang_module *m =
		f->t->n_frames > 1 ? hang_module(f->p, f->t->frames[1].pc) : NULL;

	return m && !strncmp(m->name, "libglib-2.0", 11) && f->value == 2;
}

static void futex_unknown(struct futex *f, struct hang_wait *w)
{
	bool in_libc = f->prim.outermost && f->t->n_frames &&
		       hang_module(f->p, f->t->frames[0].pc) &&
		       hang_module(f->p, f->t->frames[0].pc)->libc;

	if (futex_is_gmutex(f)) {
		futex_plain(f, w, LOCKDAG_STILL_MUTEX, "GMutex", f->address);
	} else if (futex_looks_like_mutex(f)) {
		futex_mutex(f, w);
	} else if (in_libc && f->value == 2 && f->command == FUTEX_WAIT &&
		   strcmp(f->prim.outermost, "syscall")) {
		futex_libc(f, w);
	} else {
		futex_plain(f, w, LOCKDAG_STILL_FUTEX, "futex", f->address);
		w->what = lockdag_standstill_textf(f->h->s, "the futex at 0x%llx (value %u)",
			(unsigned long long)f->address, f->value);
	}
}

/* A wait for a condition takes its mutex back at the end. */
static bool futex_is_retaken(const struct futex *f)
{
	return f->prim.kind == LOCKDAG_STILL_CONDITION && f->command != FUTEX_WAIT_BITSET &&
	       strcmp(f->prim.type, "GCond");
}

static void futex_by_primitive(struct futex *f, struct hang_wait *w)
{
	switch (f->prim.kind) {
	case LOCKDAG_STILL_MUTEX:
		futex_mutex(f, w);
		break;
	case LOCKDAG_STILL_RWLOCK:
		futex_rwlock(f, w);
		break;
	case LOCKDAG_STILL_CONDITION:
		if (futex_is_retaken(f))
			futex_mutex(f, w);
		else
			futex_condition(f, w);
		break;
	case LOCKDAG_STILL_BARRIER:
		futex_barrier(f, w);
		break;
	case LOCKDAG_STILL_SEMAPHORE:
	case LOCKDAG_STILL_ONCE:
	case LOCKDAG_STILL_GUARD:
		futex_plain(f, w, f->prim.kind, f->prim.type, f->address);
		break;
	default:
		futex_unknown(f, w);
	}
}

void hang_futex(
	struct hang *h, uint32_t process, const struct hang_thread *t, struct hang_wait *ret)
{
	const struct hang_region *region;
	struct futex f = {.h = h, .process = process, .p = &h->processes.items[process], .t = t};
	unsigned op = (unsigned)t->sample.args[1];
	uint32_t joined;

	*ret = (struct hang_wait){.kind = LOCKDAG_STILL_FUTEX};
	f.address = t->sample.args[0];
	f.command = op & (unsigned)FUTEX_CMD_MASK;
	f.private = op & FUTEX_PRIVATE_FLAG;
	f.value = (uint32_t)t->sample.args[2];
	region = hang_region(f.p, f.address);
	/* A core tells of files that are mapped, not how; the loader maps modules for one process. */
	ret->shared = !f.private && region &&
		      (region->shared || (f.p->core && !hang_module(f.p, f.address)));
	ret->timed = t->sample.args[3] != 0;
	hang_primitive(h, process, t, &f.prim);
	if (!hang_read_u32(f.p, f.address, &f.word)) {
		ret->what = lockdag_standstill_textf(
			h->s, "the futex at 0x%llx", (unsigned long long)f.address);
		return;
	}
	/* Threads of a core were stopped one after the other, as by a signal; the first may have been woken in
	 * vain. */
	ret->over = (f.p->core || t->sample.state == 'T') && f.word != f.value &&
		    (f.command == FUTEX_WAIT || f.command == FUTEX_WAIT_BITSET);
	if (futex_is_join(&f)) {
		ret->kind = LOCKDAG_STILL_JOIN;
		ret->shared = false;
		futex_owner(ret, f.value);
	} else if ((joined = futex_musl_joined(&f))) {
		ret->kind = LOCKDAG_STILL_JOIN;
		ret->shared = false;
		futex_owner(ret, joined);
	} else if (f.command == FUTEX_LOCK_PI || f.command == FUTEX_LOCK_PI2) {
		futex_mutex(&f, ret);
	} else {
		futex_by_primitive(&f, ret);
	}
}

/* ------------------------------------------------------------------ spinning */

/* At one of the instructions of the loop that have not taken the lock: pause, a comparison of the
 * word, a jump after it. */
static bool spin_waits(const struct hang_process *p, uint64_t pc)
{
	unsigned char code[2];

	if (!hang_read(p, pc, code, sizeof(code)))
		return false;
	return (code[0] == 0xf3 && code[1] == 0x90) || (code[0] == 0x83 && code[1] == 0x3f) ||
	       code[0] == 0x7f || code[0] == 0xeb;
}

/* lockdag's own function of that name may be around it. */
static bool spin_is_in(struct hang *h, uint32_t process, const struct hang_thread *t)
{
	uint32_t first;
	size_t n = hang_symbolize(h, process, t->frames[0].pc, false, &first);
	const char *name = n ? h->frames.items[first + n - 1].function : NULL;

	return name && strstr(name, "pthread_spin_lock");
}

bool hang_spins(
	struct hang *h, uint32_t process, const struct hang_thread *t, struct hang_wait *ret)
{
	const struct hang_process *p = &h->processes.items[process];
	struct hang_primitive prim;
	uint32_t word;

	*ret = (struct hang_wait){.kind = LOCKDAG_STILL_SPINLOCK, .type = "spinlock"};
	if (!t->frozen || t->sample.nr >= 0 || !t->n_frames)
		return false;
	hang_primitive(h, process, t, &prim);
	if (prim.kind != LOCKDAG_STILL_SPINLOCK || !spin_is_in(h, process, t))
		return false;
	ret->address = t->regs[HANG_RDI];
	return hang_read_u32(p, ret->address, &word) && (int32_t)word <= 0 &&
	       spin_waits(p, t->sample.pc);
}
