/* SPDX-License-Identifier: MIT
 *
 * Locks on files: flock, fcntl and lockf, between processes. A lock is known by device, inode and range; fcntl's and
 * flock's are apart from each other, as in the kernel. Its owner is not a thread but the process (F_SETLK, lockf)
 * or the open file description (flock, F_OFD_SETLK), which its slot carries: one owner's locks do not keep
 * each other out.
 *
 * A range is a lock of its own. Whoever asks for one asks for all others of the file that it overlaps,
 * as far as they were ever used, and holds them, too.
 *
 * A process's locks go when it closes any descriptor of the file; those of an open file description with its
 * last descriptor. A fork child is taken to have none, and a program that was exec'd, too.
 */
#include "guest/descriptor.h"
#include "guest/hooks.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "guest/file.h"

#define REAL(name) (guest_reals()->name)

enum { FILE_OVERLAPS = 8, FILE_HELD = 128 };

struct file_range {
	int64_t first, last; /* both included */
};

static const struct file_range file_whole = { 0, INT64_MAX };

/* What this process holds. An entry is its claimer's until `used` is FILE_TAKEN. */
enum { FILE_FREE, FILE_CLAIMED, FILE_TAKEN };
static struct file_held {
	uint32_t used;
	uint32_t key, owner;
	struct guest_file file;
	struct file_range range; /* as it was asked for: a lock that was overlapped has its asker's */
} file_held[FILE_HELD];

uint32_t guest_files_held;

static void *file_object(uint32_t key)
{
	return (void *)(UINT64_C(7) << 60 | (uint64_t)LOCKDAG_KEY_ROW(key) << 4 | 4);
}

/* ------------------------------------------------------------------ what is held */

static struct file_held *file_find(uint32_t key, uint32_t owner)
{
	for (struct file_held *h = file_held; h < file_held + FILE_HELD; h++)
		/* pairs with: file_hold */
		if (lockdag_load_acquire(&h->used) == FILE_TAKEN &&
			LOCKDAG_KEY_ROW(h->key) == LOCKDAG_KEY_ROW(key) && h->owner == owner)
			return h;
	return NULL;
}

bool guest_file_is_held(uint32_t key, uint32_t owner)
{
	return file_find(key, owner) != NULL;
}

static void file_hold(uint32_t key, uint32_t owner, const struct guest_file *file,
	struct file_range range)
{
	for (struct file_held *h = file_held; h < file_held + FILE_HELD; h++) {
		uint32_t unused = FILE_FREE;

		if (lockdag_load_relaxed(&h->used) ||
			!lockdag_cas_acq_rel(&h->used, &unused, FILE_CLAIMED))
			continue;
		h->key = key;
		h->owner = owner;
		h->file = *file;
		h->range = range;
		lockdag_store_release(&h->used, FILE_TAKEN); /* pairs with: file_find */
		lockdag_add_relaxed(&guest_files_held, 1);
		return;
	}
}

/* The slot is this thread's, or another one's, which finds out by itself. */
static void file_let_go(struct lockdag_block *t, struct file_held *h)
{
	for (struct lockdag_held_slot *slot = t ? t->top : NULL; t && slot-- > t->held;)
		if (slot->lock == (uint64_t)file_object(h->key) && slot->extra == h->owner) {
			guest_remove(t, slot);
			break;
		}
	lockdag_store_release(&h->used, FILE_FREE); /* pairs with: file_hold */
	lockdag_add_relaxed(&guest_files_held, -1u);
}

static bool file_same(const struct guest_file *a, const struct guest_file *b)
{
	return a->dev == b->dev && a->ino == b->ino && a->flock == b->flock;
}

static void file_release(struct lockdag_block *t, uint32_t owner, const struct guest_file *file,
	struct file_range range)
{
	for (struct file_held *h = file_held; h < file_held + FILE_HELD; h++)
		/* pairs with: file_hold */
		if (lockdag_load_acquire(&h->used) == FILE_TAKEN && h->owner == owner &&
			file_same(&h->file, file) && h->range.first <= range.last &&
			range.first <= h->range.last)
			file_let_go(t, h);
}

void guest_files_forked(void)
{
	for (struct file_held *h = file_held; h < file_held + FILE_HELD; h++)
		h->used = FILE_FREE;
	guest_files_held = 0;
}

static uint32_t file_process_owner(void)
{
	return guest_process.row + 1;
}

/* Is fd the last one of its open file description? */
static bool file_is_last(int fd, uint32_t owner)
{
	for (int i = 0; i < GUEST_MAX_FD; i++)
		if (i != fd && guest_descriptors[i].owner == owner)
			return false;
	return true;
}

void guest_file_closing(int fd)
{
	struct guest_descriptor *d = guest_descriptor(fd);
	struct lockdag_block *t = guest_current();
	bool last = d && d->owner && file_is_last(fd, d->owner);
	struct stat st;

	if (fstat(fd, &st))
		return;
	for (struct file_held *h = file_held; h < file_held + FILE_HELD; h++)
		/* pairs with: file_hold */
		if (lockdag_load_acquire(&h->used) == FILE_TAKEN && h->file.dev == st.st_dev &&
			h->file.ino == st.st_ino &&
			(h->owner == file_process_owner() || (last && h->owner == d->owner)))
			file_let_go(t, h);
	if (d)
		d->owner = 0;
}

/* ------------------------------------------------------------------ asking */

struct file_call {
	struct lockdag_block *t;
	struct guest_site site;
	struct guest_file file;
	struct file_range range;
	uint32_t owner, key;
	uint32_t others[FILE_OVERLAPS]; /* keys of other ranges that it overlaps */
	unsigned n_others;
	uint8_t mode, flags;
	bool again; /* the owner has it: only how it is held may change */
};

/* Fills the first free slot; returns the acquisition's tag. */
static uint64_t file_fill(const struct file_call *c, uint32_t key)
{
	struct lockdag_block *t = c->t;
	struct lockdag_held_slot *slot = t->top;
	uint64_t tag;

	key |= LOCKDAG_KEY_OWNED;
	slot->lock = (uint64_t)file_object(key);
	lockdag_signal_fence();
	slot->chain = guest_chain(slot[-1].chain, key, c->mode);
	tag = guest_chain(slot->chain, c->owner, 3) + c->site.ip + ((uint64_t)c->flags << 56);
	slot->ip = c->site.ip;
	slot->sp = c->site.sp;
	slot->meta = LOCKDAG_META(key, c->mode, c->flags);
	slot->extra = c->owner;
	slot->presence = 0;
	return tag;
}

static void file_ask(const struct file_call *c, uint32_t key)
{
	uint64_t tag = file_fill(c, key);
	const struct lockdag_cache_slot *cache = &c->t->cache[LOCKDAG_CACHE_AT(tag)];

	c->t->top->presence = cache->presence;
	if (cache->tag != tag || cache->phase != c->t->phase)
		guest_record(c->t, tag, 0);
}

static void file_ask_all(const struct file_call *c)
{
	for (unsigned i = 0; i < c->n_others; i++)
		file_ask(c, c->others[i]);
	file_ask(c, c->key);
}

/* The keys of the file's other ranges are a list, newest first. */
static void file_overlaps(struct file_call *c)
{
	uint32_t next = guest_file_first(&c->file);

	for (int i = 0; next && i < 1000 && c->n_others < FILE_OVERLAPS; i++) {
		const struct lockdag_session_key *row = guest_key_row(next - 1);

		if (next - 1 != c->key && (int64_t)row->first <= c->range.last &&
			c->range.first <= (int64_t)row->last)
			c->others[c->n_others++] = next - 1;
		next = lockdag_load_relaxed(&row->with);
	}
}

/* Before the real call. false: it is not watched. by_file: the owner is the open file description. */
static bool file_begin(struct file_call *c, int fd, bool by_file)
{
	struct guest_descriptor *d = guest_descriptor(fd);
	struct stat st;

	c->t = guest_current();
	if (!c->t || !d || fstat(fd, &st))
		return false;
	if (d->dev && (d->dev != st.st_dev || d->ino != st.st_ino)) /* closed behind us */
		*d = (struct guest_descriptor){ 0 };
	d->dev = c->file.dev = st.st_dev;
	d->ino = c->file.ino = st.st_ino;
	c->owner = by_file ? guest_descriptor_owner(d) : file_process_owner();
	return true;
}

static bool file_lock_begin(struct file_call *c, int fd)
{
	if (!guest_file_key(c->t, &c->file, fd, (uint64_t)c->range.first, (uint64_t)c->range.last,
		    c->site, &c->key))
		return false;
	c->again = file_find(c->key, c->owner) != NULL;
	if (c->again)
		return true;
	file_overlaps(c);
	if (c->flags & GUEST_TRY)
		return true;
	file_ask_all(c);
	lockdag_store_relaxed(&c->t->waiting, (uint64_t)file_object(c->key) | LOCKDAG_WAIT_LOCK);
	return true;
}

/* ask: it is new that all this is held when it is asked for; else it was asked for before. */
static void file_hold_one(const struct file_call *c, uint32_t key, bool ask)
{
	file_hold(key, c->owner, &c->file, c->range);
	if (ask)
		file_ask(c, key);
	else
		file_fill(c, key);
	guest_push(c->t);
}

static void file_lock_end(struct file_call *c, bool got)
{
	lockdag_store_relaxed(&c->t->waiting, 0);
	if (!got || guest_current() != c->t)
		return;
	if (c->again) {
		for (struct lockdag_held_slot *slot = c->t->held; slot < c->t->top; slot++)
			if (slot->lock == (uint64_t)file_object(c->key) && slot->extra == c->owner)
				slot->meta = LOCKDAG_META(LOCKDAG_META_KEY(slot->meta), c->mode,
					LOCKDAG_META_FLAGS(slot->meta));
		return;
	}
	for (unsigned i = 0; i < c->n_others; i++)
		if (!file_find(c->others[i], c->owner))
			file_hold_one(c, c->others[i], false);
	file_hold_one(c, c->key, !c->n_others);
}

/* ------------------------------------------------------------------ flock */

GUEST_EXPORT int flock(int fd, int operation)
{
	struct file_call c = { .site = GUEST_SITE(), .range = file_whole, .file.flock = true,
		.mode = operation & LOCK_SH ? LOCKDAG_READ_RECURSIVE : LOCKDAG_EXCLUSIVE,
		.flags = operation & LOCK_NB ? GUEST_TRY : 0 };
	bool unlock = (operation & ~LOCK_NB) == LOCK_UN, watched;
	int saved = errno, r;

	watched = file_begin(&c, fd, true);
	if (watched && unlock)
		file_release(c.t, c.owner, &c.file, c.range);
	else if (watched)
		watched = file_lock_begin(&c, fd);
	errno = saved;
	r = REAL(flock)(fd, operation);
	saved = errno;
	if (watched && !unlock)
		file_lock_end(&c, !r);
	errno = saved;
	return r;
}

/* ------------------------------------------------------------------ fcntl, lockf */

/* From position and length as callers give them. */
static struct file_range file_range_of(int fd, int whence, int64_t start, int64_t length)
{
	struct stat st;
	int64_t base = 0;

	if (whence == SEEK_CUR)
		base = lseek(fd, 0, SEEK_CUR);
	else if (whence == SEEK_END && !fstat(fd, &st))
		base = st.st_size;
	start += base < 0 ? 0 : base;
	if (length < 0) {
		start += length;
		length = -length;
	}
	if (start < 0)
		start = 0;
	return (struct file_range){ start,
		!length || length > INT64_MAX - start ? INT64_MAX : start + length - 1 };
}

static bool file_fcntl_begin(struct file_call *c, int fd, int command, const struct flock *l)
{
	c->mode = l->l_type == F_RDLCK ? LOCKDAG_READ_RECURSIVE : LOCKDAG_EXCLUSIVE;
	c->flags = command == F_SETLK || command == F_OFD_SETLK ? GUEST_TRY : 0;
	if (!file_begin(c, fd, command == F_OFD_SETLK || command == F_OFD_SETLKW))
		return false;
	c->range = file_range_of(fd, l->l_whence, l->l_start, l->l_len);
	if (l->l_type != F_UNLCK)
		return file_lock_begin(c, fd);
	file_release(c->t, c->owner, &c->file, c->range);
	return false;
}

static int file_fcntl_lock(int fd, int command, struct flock *l, struct guest_site site,
	int (*real)(int, int, ...))
{
	struct file_call c = { .site = site };
	int saved = errno, r;
	bool watched = file_fcntl_begin(&c, fd, command, l);

	errno = saved;
	r = real(fd, command, l);
	saved = errno;
	if (watched)
		file_lock_end(&c, !r);
	errno = saved;
	return r;
}

static int file_fcntl(int fd, int command, void *argument, struct guest_site site,
	int (*real)(int, int, ...))
{
	switch (command) {
	case F_SETLK:
	case F_SETLKW:
	case F_OFD_SETLK:
	case F_OFD_SETLKW:
		if (argument)
			return file_fcntl_lock(fd, command, argument, site, real);
		break;
	case F_DUPFD:
	case F_DUPFD_CLOEXEC:
		return guest_copied(fd, real(fd, command, argument));
	case F_SETFL:
		guest_pipe_blocks(fd, !((uintptr_t)argument & O_NONBLOCK));
		break;
	default:
		break;
	}
	return real(fd, command, argument);
}

#define FILE_ARGUMENT(last)                                                                        \
	void *argument;                                                                            \
	va_list ap;                                                                                \
                                                                                                   \
	va_start(ap, last);                                                                        \
	argument = va_arg(ap, void *);                                                             \
	va_end(ap)

GUEST_EXPORT int fcntl(int fd, int command, ...)
{
	FILE_ARGUMENT(command);
	return file_fcntl(fd, command, argument, GUEST_SITE(), REAL(fcntl));
}

GUEST_EXPORT int fcntl64(int fd, int command, ...)
{
	FILE_ARGUMENT(command);
	return file_fcntl(fd, command, argument, GUEST_SITE(), REAL(fcntl64));
}

static bool file_lockf_begin(struct file_call *c, int fd, int command, int64_t length)
{
	if (command == F_TEST || !file_begin(c, fd, false))
		return false;
	c->range = file_range_of(fd, SEEK_CUR, 0, length);
	c->flags = command == F_TLOCK ? GUEST_TRY : 0;
	if (command != F_ULOCK)
		return file_lock_begin(c, fd);
	file_release(c->t, c->owner, &c->file, c->range);
	return false;
}

GUEST_EXPORT int lockf(int fd, int command, off_t length)
{
	struct file_call c = { .site = GUEST_SITE() };
	int saved = errno, r;
	bool watched = file_lockf_begin(&c, fd, command, length);

	errno = saved;
	r = REAL(lockf)(fd, command, length);
	saved = errno;
	if (watched)
		file_lock_end(&c, !r);
	errno = saved;
	return r;
}

GUEST_EXPORT int lockf64(int fd, int command, off64_t length)
{
	struct file_call c = { .site = GUEST_SITE() };
	int saved = errno, r;
	bool watched = file_lockf_begin(&c, fd, command, length);

	errno = saved;
	r = REAL(lockf64)(fd, command, length);
	saved = errno;
	if (watched)
		file_lock_end(&c, !r);
	errno = saved;
	return r;
}
