/* SPDX-License-Identifier: MIT
 *
 * Start, threads, fork: everything that happens once a process or once a thread.
 */
#include "guest/guest.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "guest/module.h"
#include "guest/text.h"

__thread struct guest_tls guest_tls __attribute__((tls_model("initial-exec")));
struct guest_process guest_process;
struct guest_real guest_real;
struct guest_wipe guest_wipe[2];

extern char **environ;
extern void *__libc_stack_end;

/* ------------------------------------------------------------------ the real functions */

void *guest_find(const char *name, const char *library)
{
	void *p = dlsym(RTLD_NEXT, name), *handle;

	if (p || !library)
		return p;
	/* A library loaded by dlopen is not in the global scope, yet its users find us first. */
	handle = dlopen(library, RTLD_LAZY | RTLD_NOLOAD);
	return handle ? dlsym(handle, name) : NULL;
}

static void *attach_resolve(const char *name, const char *version)
{
	void *p = version ? dlvsym(RTLD_NEXT, name, version) : NULL;

	return p ? p : dlsym(RTLD_NEXT, name);
}

struct guest_real *guest_reals(void)
{
	static uint32_t resolved;
	int saved = errno;

	if (lockdag_load_acquire(&resolved)) /* pairs with: the release below */
		return &guest_real;
#define REAL(type, name, parameters, version)                                                      \
	{                                                                                          \
		void *p = attach_resolve(#name, version);                                          \
		__builtin_memcpy(&guest_real.name, &p, sizeof(p));                                 \
	}
#include "guest/real.def"
#undef REAL
	lockdag_store_release(&resolved, 1); /* pairs with: the load above */
	errno = saved;
	return &guest_real;
}

/* ------------------------------------------------------------------ finding the session */

/* A library that is initialised first comes here before libc knows its environment: then that is
 * read where the kernel left it, behind the arguments. */
static char **attach_environment(void)
{
	uint64_t *start = __libc_stack_end;

	return environ ? environ : (char **)(start + 1 + *start + 1);
}

static const char *attach_getenv(const char *name)
{
	for (char **e = attach_environment(); *e; e++) {
		const char *rest = guest_after_prefix(*e, name);

		if (rest && *rest == '=')
			return rest + 1;
	}
	return NULL;
}

/* The session's descriptor: inherited, or found again through the judge's /proc entry.
 * value: "FD:DEV:INO:PID" */
static int attach_open(const char *value, bool *ret_opened)
{
	uint64_t part[4];
	struct stat st;
	char path[64];
	int fd;

	for (int i = 0; i < 4; i++)
		if (!guest_parse_number(&value, &part[i]))
			return -1;
	fd = (int)part[0];
	*ret_opened = false;
	if (!fstat(fd, &st) && st.st_dev == part[1] && st.st_ino == part[2])
		return fd;
	guest_format(path, sizeof(path), "/proc/%u/fd/%u", part[3], part[0]);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return -1;
	*ret_opened = true;
	if (!fstat(fd, &st) && st.st_dev == part[1] && st.st_ino == part[2])
		return fd;
	close(fd);
	return -1;
}

/* What is writable counts as the program's data (RLIMIT_DATA): the last level, for more than a million
 * locks without spare bytes, becomes so when it is needed. */
#define ATTACH_SHADOW_FIRST                                                                        \
	(((1u << 12) + (1u << 16) + (1u << 20)) * sizeof(struct lockdag_hash_entry))
#define ATTACH_SHADOW_BYTES                                                                        \
	((uint64_t)LOCKDAG_HASH_ENTRIES * sizeof(struct lockdag_hash_entry))

/* Of a limited address space, three quarters are left to the program. */
static uint64_t attach_most(void)
{
	struct rlimit limit;
	uint64_t most;

	if (getrlimit(RLIMIT_AS, &limit) || limit.rlim_cur == RLIM_INFINITY)
		return LOCKDAG_SESSION_SIZE;
	most = limit.rlim_cur / 4;
	return most > ATTACH_SHADOW_BYTES ? most - ATTACH_SHADOW_BYTES : 0;
}

/* Maps as much of the session as this process may; at least its tables. */
static bool attach_map(int fd)
{
	struct lockdag_writer *w = &guest_process.writer;
	uint64_t size = LOCKDAG_SESSION_SIZE, least = lockdag_session_layout.heap + (1u << 24);
	uint64_t most = attach_most();
	struct stat st;
	void *p = MAP_FAILED;

	if (fstat(fd, &st) || (uint64_t)st.st_size < least)
		return false;
	if ((uint64_t)st.st_size < size)
		size = (uint64_t)st.st_size;
	while (size > most)
		size /= 2;
	for (; size >= least; size /= 2) {
		p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, fd, 0);
		if (p != MAP_FAILED)
			break;
	}
	if (p == MAP_FAILED)
		return false;
	madvise(p, size, MADV_DONTDUMP);
	*w = (struct lockdag_writer){ p, size, p };
	if (w->header->magic == LOCKDAG_SESSION_MAGIC &&
		w->header->version == LOCKDAG_SESSION_VERSION &&
		w->header->header_size == sizeof(*w->header))
		return true;
	munmap(p, size);
	return false;
}

static bool attach_shadow(void)
{
	void *p = mmap(NULL, ATTACH_SHADOW_BYTES, PROT_NONE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED || mprotect(p, ATTACH_SHADOW_FIRST, PROT_READ | PROT_WRITE))
		return false;
	madvise(p, ATTACH_SHADOW_BYTES, MADV_DONTDUMP);
	guest_process.shadow = (struct lockdag_writer){ p, ATTACH_SHADOW_FIRST,
		guest_process.writer.header };
	return true;
}

bool guest_grow_shadow(void)
{
	struct lockdag_writer *w = &guest_process.shadow;

	if (lockdag_load_relaxed(&w->limit) == ATTACH_SHADOW_BYTES ||
		mprotect(w->base, ATTACH_SHADOW_BYTES, PROT_READ | PROT_WRITE))
		return false;
	lockdag_store_relaxed(&w->limit, ATTACH_SHADOW_BYTES);
	return true;
}

static void attach_keep_environment(const char *value)
{
	const char *at = attach_getenv("LD_PRELOAD");
	size_t n = at ? guest_next_entry(&at) : 0;

	guest_format(guest_process.session_variable, sizeof(guest_process.session_variable),
		"LOCKDAG_SESSION=%s", value);
	/* A copy: programs write their titles over the environment. */
	for (; n; at += n, n = guest_next_entry(&at)) {
		if (guest_is_our_entry(at, n) && n < sizeof(guest_process.preload)) {
			guest_copy(guest_process.preload, n + 1, at);
			return;
		}
	}
}

static void attach_main_stack(void)
{
	struct rlimit limit;
	uint64_t high = ((uint64_t)__libc_stack_end | 4095) + 1, size = UINT64_C(1) << 30;

	if (!getrlimit(RLIMIT_STACK, &limit) && limit.rlim_cur < size)
		size = limit.rlim_cur;
	guest_process.main_high = high;
	guest_process.main_low = high - size;
}

/* ------------------------------------------------------------------ processes */

/* A child is what its parent was, and may have no /proc to ask. */
static void attach_executable(struct lockdag_session_process *row, uint32_t parent)
{
	ssize_t n = 0;

	if (parent == LOCKDAG_NONE)
		n = readlink("/proc/self/exe", row->exe, sizeof(row->exe) - 1);
	else
		guest_copy(row->exe, sizeof(row->exe), guest_process_row(parent)->exe);
	if (n > 0)
		row->exe[n] = 0;
}

/* pid: 0, or known to be this one's, a child of the parent's process. */
static bool attach_process_row(uint32_t how, uint32_t parent, uint32_t forker, int32_t pid)
{
	struct lockdag_session_process *row =
		lockdag_write_process(&guest_process.writer, &guest_process.row);

	if (!row)
		return false;
	row->pid = pid ? pid : getpid();
	row->parent_pid = pid ? guest_process_row(parent)->pid : getppid();
	row->how = how;
	row->parent = parent;
	row->forker = forker;
	attach_executable(row, parent);
	lockdag_store_release(&row->state, 1); /* pairs with: lockdag_session_process */
	lockdag_write_news(&guest_process.writer);
	return true;
}

static void attach_end_thread(void *block);

/* system() and popen() start their shell behind our hooks. */
static bool attach_wanted(void)
{
	const struct lockdag_session_header *header = guest_process.writer.header;

	return !(header->options & LOCKDAG_SESSION_NO_EXEC) ||
		!lockdag_load_relaxed(&header->n_processes);
}

static bool attach_process(void)
{
	const char *value = attach_getenv("LOCKDAG_SESSION");
	bool opened, mapped;
	int fd;

	if (!value || !dlsym(RTLD_DEFAULT, "gnu_get_libc_version"))
		return false;
	attach_keep_environment(value);
	fd = attach_open(value, &opened);
	if (fd < 0)
		return false;
	mapped = attach_map(fd);
	if (opened)
		close(fd);
	if (!mapped || !attach_wanted() || !attach_shadow())
		return false;
	if (!attach_process_row(LOCKDAG_PROCESS_START, LOCKDAG_NONE, LOCKDAG_NONE, 0))
		return false;
	guest_process.salt = guest_process.writer.header->cookie;
	guest_process.embed = !(guest_process.writer.header->options & LOCKDAG_SESSION_NO_EMBED);
	guest_process.follow_exec =
		!(guest_process.writer.header->options & LOCKDAG_SESSION_NO_EXEC);
	guest_process.has_end_key = !pthread_key_create(&guest_process.end_key, attach_end_thread);
	attach_main_stack();
	madvise(guest_wipe, sizeof(guest_wipe), MADV_WIPEONFORK);
	lockdag_store_relaxed(&guest_wipe->alive, 1);
	return true;
}

/* ------------------------------------------------------------------ threads */

static struct lockdag_block *attach_new_block(uint32_t row)
{
	struct lockdag_writer *w = &guest_process.writer;
	uint64_t offset = lockdag_write_block(w);
	struct lockdag_block *t = (struct lockdag_block *)(w->base + offset);

	if (!offset)
		return NULL;
	t->held = t->top = t->held_inline;
	t->held_offset = offset + offsetof(struct lockdag_block, held_inline);
	t->end = t->held + LOCKDAG_INLINE_HELD - 1;
	t->thread = row;
	t->process = guest_process.row;
	t->sentinel.chain = GUEST_CHAIN_BASE;
	t->monitor = LOCKDAG_KEY_NONE;
	return t;
}

static struct lockdag_block *attach_new_thread(uint32_t parent, uint32_t create_phase,
	uint32_t flags)
{
	uint32_t row;
	struct lockdag_session_thread *thread = lockdag_write_thread(&guest_process.writer, &row);
	struct lockdag_block *t = thread ? attach_new_block(row) : NULL;

	if (!t)
		return NULL;
	thread->process = guest_process.row;
	thread->parent = parent;
	thread->create_phase = create_phase;
	thread->joiner = LOCKDAG_NONE;
	thread->flags = flags;
	thread->block = (uint64_t)((char *)t - guest_process.writer.base);
	return t;
}

/* What libc knows this thread by, read from a mutex that it takes: where gettid would be, a program
 * that filters its system calls would be ended for a call that it never makes itself. */
static int32_t attach_tid(void)
{
	pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
	int32_t tid = 0;

	if (!guest_real.pthread_mutex_lock(&m)) {
		tid = m.__data.__owner;
		guest_real.pthread_mutex_unlock(&m);
	}
	return tid > 0 ? tid : gettid();
}

static void attach_commit_thread(struct lockdag_block *t, int32_t tid)
{
	struct lockdag_session_thread *row = guest_thread_row(t->thread);
	bool is_new;
	struct lockdag_hash_entry *e;

	t->tid = tid;
	row->tid = t->tid;
	row->handle = (uint64_t)pthread_self();
	lockdag_store_release(&row->state, 1); /* pairs with: lockdag_session_thread */
	e = lockdag_write_set(&guest_process.shadow, 0, row->handle | 1, &is_new);
	if (e)
		lockdag_store_release(&e->a, t->thread + 1); /* pairs with: guest_thread_by_handle */
	lockdag_write_news(&guest_process.writer);
}

uint32_t guest_thread_by_handle(pthread_t handle)
{
	bool is_new;
	struct lockdag_hash_entry *e =
		lockdag_write_set(&guest_process.shadow, 0, (uint64_t)handle | 1, &is_new);
	/* pairs with: attach_commit_thread */
	uint32_t row = e ? lockdag_load_acquire(&e->a) : 0;

	return row ? row - 1 : LOCKDAG_NONE;
}

/* Destructor of the thread's key: comes back until other keys' destructors had their rounds, since
 * those may take locks. */
static void attach_end_thread(void *block)
{
	struct lockdag_block *t = block;

	if (!guest_wipe->alive || guest_tls.block != t)
		return;
	if (++t->key_destructor_rounds < 4 && !pthread_setspecific(guest_process.end_key, t))
		return;
	guest_tls.ended = 1;
	guest_tls.block = NULL;
	lockdag_or_relaxed(&guest_thread_row(t->thread)->flags, LOCKDAG_THREAD_ENDED);
	lockdag_store_release(&guest_thread_row(t->thread)->block, 0); /* pairs with: _live */
	lockdag_write_free_block(
		&guest_process.writer, (uint64_t)((char *)t - guest_process.writer.base));
}

static void attach_adopt(struct lockdag_block *t)
{
	guest_tls.block = t;
	if (guest_process.has_end_key)
		pthread_setspecific(guest_process.end_key, t);
}

static struct lockdag_block *attach_thread(void)
{
	int32_t tid = gettid();
	bool main_thread = tid == getpid();
	struct lockdag_block *t = attach_new_thread(
		LOCKDAG_NONE, 0, main_thread ? LOCKDAG_THREAD_MAIN : 0);

	if (!t) {
		guest_tls.ended = 1;
		return NULL;
	}
	if (main_thread) {
		t->stack_low = guest_process.main_low;
		t->stack_high = guest_process.main_high;
	}
	attach_commit_thread(t, tid);
	attach_adopt(t);
	return t;
}

LOCKDAG_COLD struct lockdag_block *guest_attach(void)
{
	uint32_t state = lockdag_load_acquire(&guest_process.state); /* pairs with: below */
	struct lockdag_block *t = NULL;
	int saved;

	if (guest_tls.passive || guest_tls.ended || state == GUEST_STARTING || state == GUEST_INERT)
		return NULL;
	saved = errno;
	guest_reals();
	if (state == GUEST_NEW) {
		if (!lockdag_cas_acq_rel(&guest_process.state, &state, GUEST_STARTING))
			return NULL;
		state = attach_process() ? GUEST_READY : GUEST_INERT;
		lockdag_store_release(&guest_process.state, state); /* pairs with: above */
	} else if (!guest_wipe->alive) {
		guest_fork_child(guest_tls.fork); /* in an atfork handler, or NULL: by clone or the like */
	}
	if (state == GUEST_READY)
		t = guest_tls.block ? guest_tls.block : attach_thread();
	errno = saved;
	return t;
}

__attribute__((constructor(101))) static void attach_at_start(void)
{
	guest_attach();
}

/* ------------------------------------------------------------------ creating and joining */

static uint64_t attach_stack_size(const pthread_attr_t *attributes)
{
	pthread_attr_t standard;
	size_t size = 0;

	if (attributes)
		return pthread_attr_getstacksize(attributes, &size) ? 0 : size;
	if (pthread_getattr_default_np(&standard))
		return 0;
	pthread_attr_getstacksize(&standard, &size);
	pthread_attr_destroy(&standard);
	return size;
}

/* Notes what the creator holds: it guards the whole life of the new thread, if it is still the same
 * acquisition when the creator has joined it. A slot's stamp tells one acquisition from the next. */
static uint64_t attach_guards(struct lockdag_block *parent)
{
	uint32_t n = guest_depth(parent);
	struct lockdag_session_guards *guards;
	uint64_t offset;

	if (n > LOCKDAG_MAX_GUARDS)
		n = LOCKDAG_MAX_GUARDS;
	offset = n ? lockdag_write_heap(&guest_process.writer,
			     sizeof(*guards) + n * sizeof(guards->guards[0]), 16)
		   : 0;
	if (!offset)
		return 0;
	guards = (struct lockdag_session_guards *)(guest_process.writer.base + offset);
	for (uint32_t i = 0; i < n; i++) {
		struct lockdag_held_slot *held = &parent->held[i];
		uint32_t key = LOCKDAG_META_KEY(held->meta);

		if (!(held->presence >> 32))
			held->presence |= ++parent->stamps << 32;
		guards->guards[i] = (struct lockdag_session_guard){
			.serial = LOCKDAG_SLOT_SERIAL(held),
			.key = LOCKDAG_KEY_ROW(key),
			.stamp = (uint32_t)(held->presence >> 32),
			.mode = LOCKDAG_META_MODE(held->meta),
		};
	}
	guards->n = n;
	return offset;
}

static void attach_confirm_guards(
	const struct lockdag_block *t, const struct lockdag_session_thread *row)
{
	struct lockdag_session_guards *guards =
		(struct lockdag_session_guards *)(guest_process.writer.base + row->guards);

	if (!row->guards || row->parent != t->thread)
		return;
	for (uint32_t i = 0; i < guards->n; i++)
		for (const struct lockdag_held_slot *held = t->held; held < t->top; held++)
			if (held->presence >> 32 == guards->guards[i].stamp)
				lockdag_store_relaxed(&guards->guards[i].confirmed, 1);
}

struct lockdag_block *guest_thread_prepare(struct lockdag_block *parent, uint64_t ip,
	uint64_t routine, const pthread_attr_t *attributes)
{
	struct lockdag_block *t = attach_new_thread(parent->thread, parent->phase, 0);
	struct lockdag_session_thread *row;

	if (!t)
		return NULL;
	row = guest_thread_row(t->thread);
	row->start_routine = guest_frame(routine);
	row->create_site = guest_frame(ip);
	row->guards = attach_guards(parent);
	t->stack_low = attach_stack_size(attributes); /* the size, until the thread knows its top */
	return t;
}

/* The child writes the same when it starts; it may also have ended by now, and its handle may be
 * somebody else's: so only an ended thread's entry is replaced. A child that has started may have
 * freed the place of its handle, too: that is not looked at any more. */
void guest_thread_created(struct lockdag_block *parent, uint32_t child, const pthread_t *handle)
{
	struct lockdag_hash_entry *e = NULL;
	uint32_t there;
	bool is_new;

	parent->phase++;
	/* pairs with: attach_commit_thread */
	if (!lockdag_load_acquire(&guest_thread_row(child)->state))
		e = lockdag_write_set(
			&guest_process.shadow, 0, (uint64_t)*handle | 1, &is_new);
	there = e ? lockdag_load_relaxed(&e->a) : 0;
	if (e && (!there || guest_thread_row(there - 1)->flags & LOCKDAG_THREAD_ENDED))
		lockdag_store_release(&e->a, child + 1); /* pairs with: guest_thread_by_handle */
}

void guest_thread_not_created(struct lockdag_block *child)
{
	lockdag_store_release(&guest_thread_row(child->thread)->block, 0); /* pairs with: _live */
	lockdag_write_free_block(
		&guest_process.writer, (uint64_t)((char *)child - guest_process.writer.base));
}

#define ATTACH_BEYOND_TOP 1024

void guest_thread_begin(struct lockdag_block *t, uint64_t stack_top)
{
	uint64_t size = t->stack_low;

	/* libc's own frames and the thread's descriptor come after it, on the same mapping. */
	t->stack_high = stack_top + ATTACH_BEYOND_TOP;
	t->stack_low = size ? stack_top - size : stack_top;
	attach_commit_thread(t, attach_tid());
	attach_adopt(t);
}

void guest_thread_joined(struct lockdag_block *t, pthread_t handle)
{
	uint32_t row = guest_thread_by_handle(handle);

	t->phase++;
	if (row == LOCKDAG_NONE)
		return;
	attach_confirm_guards(t, guest_thread_row(row));
	guest_thread_row(row)->join_phase = t->phase;
	lockdag_store_release(&guest_thread_row(row)->joiner, t->thread); /* pairs with: _thread */
	lockdag_write_news(&guest_process.writer);
}

void guest_thread_named(pthread_t handle, const char *name)
{
	uint32_t row = guest_thread_by_handle(handle);

	if (row != LOCKDAG_NONE)
		guest_copy(guest_thread_row(row)->name, sizeof(guest_thread_row(row)->name), name);
}

/* ------------------------------------------------------------------ fork */

void guest_fork_before(struct guest_fork *f)
{
	struct lockdag_block *t = guest_current();

	f->parent = t;
	if (!t)
		return;
	guest_tls.fork = f;
	f->phase = t->phase;
	f->depth = guest_depth(t) < GUEST_FORK_HELD ? guest_depth(t) : 0;
	for (uint32_t i = 0; i < f->depth; i++)
		f->held[i] = t->held[i];
}

void guest_fork_parent(struct guest_fork *f)
{
	guest_tls.fork = NULL;
	if (!f->parent)
		return;
	f->parent->phase++;
	lockdag_add_relaxed(&guest_process_row(guest_process.row)->n_children, 1);
}

/* In the child: it has one thread, which goes on with its forker's role and locks. f: NULL when no
 * hook saw the fork; then nothing is known to be held. */
void guest_fork_child(struct guest_fork *f)
{
	struct lockdag_block *old = guest_tls.block, *t;
	uint32_t parent = guest_process.row;
	uint32_t forker = f && f->parent ? f->parent->thread : old ? old->thread : LOCKDAG_NONE;
	int32_t tid = f ? attach_tid() : 0; /* libc does not know of other ways to fork */

	if (guest_process.state != GUEST_READY)
		return;
	if (!f)
		lockdag_write_lost(&guest_process.writer, LOCKDAG_LOST_FORK);
	guest_tls.block = NULL;
	guest_tls.fork = NULL;
	lockdag_store_relaxed(&guest_wipe->alive, 1);
	if (!attach_process_row(LOCKDAG_PROCESS_FORK, parent, forker, tid)) {
		guest_process.state = GUEST_INERT;
		return;
	}
	t = attach_new_thread(forker, f ? f->phase : 0, LOCKDAG_THREAD_FORKED);
	if (!t)
		return;
	if (old) {
		t->stack_low = old->stack_low;
		t->stack_high = old->stack_high;
		t->forker_tid = (uint64_t)(uint32_t)old->tid;
	}
	for (uint32_t i = 0; f && i < f->depth; i++) {
		*t->top = f->held[i];
		if (++t->top >= t->end)
			guest_grow(t);
	}
	attach_commit_thread(t, tid ? tid : gettid());
	attach_adopt(t);
}
