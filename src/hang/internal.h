/* SPDX-License-Identifier: MIT
 *
 * What the files of this room share. One topic a file:
 *
 * parse.c: texts of /proc.
 * proc.c: reading them: processes, threads, regions, two looks.
 * files.c: who has the other end of a pipe, the lock of a file, a socket.
 * freeze.c: stopping all threads of the processes, and letting them go.
 * corefile.c notes.c: the same facts from a core file.
 * memory.c: reading a process's memory.
 * unwind.c: stacks, by libdwfl; resume.c: where registers are not known.
 * name.c: addresses and locks to names.
 * syscalls.c: what a system call waits for.
 * futex.c glibc.c: which lock a futex is part of, and its owner.
 * wait.c: a thread's row; rescue.c: who can end its wait.
 * runtime.c: CPython, Java, Go.
 * imports.c origin.c: of a core file: what the program can have done, what its descriptors are.
 * look.c: all together.
 */
#ifndef LOCKDAG_HANG_INTERNAL_H
#define LOCKDAG_HANG_INTERNAL_H

#include "base/base.h"
#include "base/vec.h"
#include "hang/hang.h"
#include "symbols/symbols.h"

#include <elfutils/libdwfl.h>

#define HANG_MAX_FRAMES 64
#define HANG_WINDOW 8192 /* bytes of stack read at once */
#define HANG_REG_MASK ((1u << 3) | (1u << 6) | (1u << 7) | (0xfu << 12))

/* Registers by DWARF number: rax rdx rcx rbx rsi rdi rbp rsp r8 .. r15 rip. */
enum {
	HANG_RAX,
	HANG_RDX,
	HANG_RCX,
	HANG_RBX,
	HANG_RSI,
	HANG_RDI,
	HANG_RBP,
	HANG_RSP,
	HANG_R8,
	HANG_R10 = 10,
	HANG_R12 = 12,
	HANG_RIP = 16,
	HANG_N_REGS
};

struct hang_region {
	uint64_t start, end, offset;
	bool shared, exec, write;
	char *path; /* or NULL */
};

struct hang_frame {
	uint64_t pc;
	bool activation; /* pc is where it is, not where it goes on */
	uint32_t known;  /* registers, by bit */
	uint64_t rbx, rbp, rsp, r12, r13, r14, r15;
};

struct hang_sample {
	char state;
	uint64_t switches, voluntary; /* voluntary: of switches, those by which it went to sleep */
	bool running; /* on a processor, or about to be */
	long nr;      /* of the system call; -1: in none */
	uint64_t args[6], sp, pc;
};

struct hang_thread {
	int tid, ns_tid; /* ns_tid: as the process itself knows it */
	char name[32];
	int64_t since_ms;
	struct hang_sample sample;
	bool frozen; /* read while it was stopped, with registers */
	bool spared; /* not stopped: that would end its system call */
	bool sure;
	uint64_t regs[HANG_N_REGS];
	uint64_t window_start;
	size_t window_n;
	unsigned char *window;
	size_t n_frames;
	struct hang_frame *frames;
	bool skipped; /* the frame from which it goes on */
	unsigned resumed; /* how often its stack was gone on with from its last frame */
	int pending_signal;   /* to be given back when it is let go */
	bool seized, stopped; /* by us */
};

struct hang_module {
	uint64_t start, end, base;
	int number; /* in symbols; -1 */
	const char *name;
	bool library; /* of the C library, of locks: not the program's own */
	bool libc;
};

/* A variable that the code passes to pipe() or socketpair(), or stores eventfd()'s result in. */
struct hang_origin_place {
	uint64_t address;
	unsigned may;
};

struct hang_process {
	int pid, ppid, session, tracer;
	int reader; /* a thread that lives: a leader that has ended has no memory to read */
	unsigned uid;
	char name[32];
	char *exe;
	bool live, permitted, frozen, whole;
	bool followed;   /* somebody waits for it: not asked for */
	uint64_t caught; /* signals with handlers, bit n - 1 */
	const char *runtime, *runtime_note; /* note: with %d for the pid; or NULL */
	bool runtime_tried;
	bool only_interrupt; /* the only handler is the interpreter's own, by which ^C ends it */
	uint64_t start_ticks;
	LOCKDAG_VEC(struct hang_thread) threads;
	LOCKDAG_VEC(struct hang_region) regions;
	bool sharers_known;
	LOCKDAG_VEC(int) sharers; /* other processes that have the same memory */
	struct hang_core *core;
	unsigned imports; /* HANG_MAY_..., of a core */
	bool imports_known, places_known;
	LOCKDAG_VEC(struct hang_origin_place) places;
	Dwfl *dwfl;
	bool attached;
	bool guessed;       /* stacks, without unwind tables */
	size_t unwinding;   /* thread */
	uint32_t first_row; /* of its threads in the standstill */
	LOCKDAG_VEC(struct hang_module) modules;
};

struct hang_symbol {
	uint64_t pc; /* key, with the process */
	uint32_t process;
	bool call;
	uint8_t n;
	uint32_t first; /* in hang->frames */
};

/* A thread that polls, and the kind of what it polls. */
struct hang_poll {
	uint32_t row;
	enum lockdag_wait_kind kind;
};

struct hang_tid {
	int tid;
	uint32_t process, row;
};

struct hang {
	const struct lockdag_hang_options *options;
	struct lockdag_hang_error *error;
	struct lockdag_standstill *s;
	struct lockdag_symbols *symbols;
	LOCKDAG_VEC(struct hang_process) processes;
	LOCKDAG_VEC(struct hang_symbol) cache; /* open addressing, n a power of two */
	size_t n_cached;
	LOCKDAG_VEC(struct lockdag_frame) frames;
	struct hang_files *files;
	enum lockdag_wait_kind polled; /* of the thread in hand: what it would wait for, were it no event loop */
	LOCKDAG_VEC(struct hang_poll) polls;
	LOCKDAG_VEC(int) wanted; /* processes that are waited for and are no rows */
	LOCKDAG_VEC(struct hang_tid) tids, ns_tids; /* sorted; as /proc, as the process has them */
};

LOCKDAG_PRINTF(3, 4) int hang_fail(struct hang *h, int r, const char *fmt, ...);

/* ---- parse.c: all take zero-terminated text and return false for what is not of the form */

bool hang_parse_stat(const char *text, struct hang_process *p, char *ret_state);
bool hang_parse_syscall(const char *text, struct hang_sample *ret);
struct hang_status {
	char state;
	uint64_t switches, voluntary, caught;
	int tracer, ns_tid;
	unsigned uid;
};
void hang_parse_status(const char *text, struct hang_status *ret);
bool hang_parse_region(const char *line, struct hang_region *ret); /* path points into line */
struct hang_lock_line {
	enum { HANG_FLOCK, HANG_POSIX, HANG_OFD } type;
	bool write, waits;
	int pid;
	unsigned major, minor;
	uint64_t inode, start, end;
};
bool hang_parse_lock(const char *line, struct hang_lock_line *ret);

/* ---- proc.c */

/* The whole of a file of /proc, zero-terminated, which the caller frees; NULL: cannot be read. */
char *hang_slurp(const char *path);
int hang_proc_open(struct hang *h, int pid, bool followed); /* adds a process with its threads */
void hang_proc_sample(struct hang_process *p);              /* first look at its threads */
/* How often a thread went to sleep; 0: not known. */
uint64_t hang_proc_voluntary(const struct hang_process *p, int tid);
void hang_proc_check(struct hang_process *p);               /* second look: sets sure */
/* Processes that have the very same memory (vfork, clone with CLONE_VM): p->sharers, looked for once. */
void hang_proc_sharers(struct hang_process *p);
/* Does the thread sleep in the same call as when it was sampled, and never woke in between? */
bool hang_proc_rests(const struct hang_process *p, const struct hang_thread *t);
/* The pids of its children, up to max; how many. */
size_t hang_proc_list_children(const struct hang_process *p, int *ret, size_t max);

/* ---- memory.c */

bool hang_read(const struct hang_process *p, uint64_t address, void *buffer, size_t n);
/* As much as there is from address on. */
size_t hang_read_some(const struct hang_process *p, uint64_t address, void *buffer, size_t n);
bool hang_read_u32(const struct hang_process *p, uint64_t address, uint32_t *ret);
bool hang_read_u64(const struct hang_process *p, uint64_t address, uint64_t *ret);
const struct hang_region *hang_region(const struct hang_process *p, uint64_t address);

/* ---- freeze.c */

void hang_freeze(struct hang *h);
void hang_thaw(struct hang *h);

/* ---- corefile.c */

struct hang_core;
int hang_core_open(struct hang *h, const char *path);
void hang_core_close(struct hang_core *core);
size_t hang_core_read(const struct hang_core *core, uint64_t address, void *buffer, size_t n);
Elf *hang_core_elf(struct hang_core *core);
/* Calls found with pieces of the memory that can be written, as words, until it returns true. */
typedef bool hang_core_found(void *arg, uint64_t address, const int *words, size_t n);
bool hang_core_words(const struct hang_core *core, hang_core_found *found, void *arg);
const char *hang_core_path(const struct hang_core *core);

/* ---- notes.c: one note of a core file; false: cut or not of its form */

bool hang_note_prstatus(const void *desc, size_t n, struct hang_thread *ret);
bool hang_note_prpsinfo(const void *desc, size_t n, struct hang_process *ret);
bool hang_note_files(const void *desc, size_t n, struct hang_process *ret);

/* ---- unwind.c */

/* Modules, before anything is stopped; then the stacks of all threads. */
int hang_unwind_open(struct hang *h, struct hang_process *p);
int hang_unwind(struct hang *h, struct hang_process *p);

/* ---- resume.c: finds the last frame's rbp, where that is not known; false: no, or not needed */

bool hang_resume(struct hang_process *p, struct hang_thread *t);

/* ---- name.c */

/* The frames at pc, innermost first, in h->frames[*ret_first ..]; how many. */
size_t hang_symbolize(
	struct hang *h, uint32_t process, uint64_t pc, bool call, uint32_t *ret_first);
const struct hang_module *hang_module(const struct hang_process *p, uint64_t pc);
/* Frames of thread i of process p into its row. */
int hang_describe(
	struct hang *h, uint32_t process, uint32_t thread, struct lockdag_still_thread *t);
/* Name and place of a lock: a static variable, or what the frames of the thread say. */
void hang_name_lock(struct hang *h, uint32_t process, const struct hang_thread *thread,
	struct lockdag_still_lock *lock);
/* The same of what a call on a descriptor was given, where the source tells. */
void hang_name_stream(struct hang *h, uint32_t process, const struct hang_thread *thread,
	struct lockdag_still_lock *lock);
/* The static variable at an address; false: there is none. */
bool hang_name_static(
	struct hang *h, uint32_t process, uint64_t address, struct lockdag_symbols_name *ret);
/* First frame that is not of a library of locks; n_frames when there is none. */
size_t hang_own_frame(const struct hang_process *p, const struct hang_thread *t);
/* What the thread's start routine is called; NULL: not known. */
const char *hang_entry(struct hang *h, uint32_t process, const struct hang_thread *t);

/* ---- primitive.c, futex.c */

struct hang_wait {
	enum lockdag_wait_kind kind;
	enum lockdag_mode mode;
	uint64_t address; /* of the lock; 0: none */
	const char *type; /* word for it */
	const char *detail, *what;
	bool timed, shared; /* other processes may have it */
	bool over;          /* what it waited for has come: it goes on when it runs */
	bool owned;         /* the lock says who has it */
	uint32_t owner_tid; /* 0: nobody is written there */
	bool behind_writer; /* a writer who waits himself is before it in the queue */
	uint32_t readers;
};

/* What the innermost frames say: the primitive that was called. LOCKDAG_N_STILL: nothing. */
struct hang_primitive {
	enum lockdag_wait_kind kind;
	enum lockdag_mode mode;
	const char *type;
	const char *function;
	const char *outermost; /* function of the last frame that was looked at */
	uint64_t pc;           /* of its frame */
	size_t frame;
};
void hang_primitive(
	struct hang *h, uint32_t process, const struct hang_thread *t, struct hang_primitive *ret);
void hang_futex(
	struct hang *h, uint32_t process, const struct hang_thread *t, struct hang_wait *ret);
/* A thread that is in no system call, and spins for a lock in pthread_spin_lock. */
bool hang_spins(
	struct hang *h, uint32_t process, const struct hang_thread *t, struct hang_wait *ret);

/* ---- syscalls.c */

const char *hang_syscall_name(long nr, char *buffer, size_t size);
enum hang_call {
	HANG_CALL_OTHER,
	HANG_CALL_FUTEX,
	HANG_CALL_READ,
	HANG_CALL_WRITE,
	HANG_CALL_POLL,
	HANG_CALL_SLEEP,
	HANG_CALL_SIGNAL,
	HANG_CALL_CHILD,
	HANG_CALL_FLOCK,
	HANG_CALL_FCNTL,
	HANG_CALL_ACCEPT,
	HANG_CALL_RECEIVE,
	HANG_CALL_SEND,
	HANG_CALL_EPOLL,
	HANG_CALL_SELECT,
	HANG_CALL_IPC,
	HANG_CALL_CONNECT,
	HANG_CALL_RESTART,
};
enum hang_call hang_call(long nr);
bool hang_call_is_waitid(long nr);
bool hang_call_is_setlkw(const struct hang_sample *s); /* fcntl that waits for a lock */
bool hang_call_is_timed(const struct hang_sample *s);  /* ends by itself */
/* Would a stop end it: with EINTR, or with less than was asked for? Other calls go on afterwards. */
bool hang_call_is_fragile(const struct hang_sample *s);
/* Stopped with this in rax: has the call done what it waited for? The thread was woken, and has not run
 * yet. */
bool hang_call_is_over(const struct hang_sample *s, uint64_t rax);
/* A call that goes on after an interruption becomes the one that it was, where that is known. */
void hang_call_restarted(const struct hang_process *p, struct hang_sample *s);

/* ---- files.c */

struct hang_files;
int hang_files_open(struct hang *h);
void hang_files_close(struct hang_files *f);
/* Fills kind, lock, what and rescuers of a thread that is in a call on descriptor args[0], or waits
 * for a file's lock. */
int hang_files_wait(struct hang *h, uint32_t process, const struct hang_thread *t,
	enum hang_call call, struct lockdag_still_thread *row);

/* ---- wait.c */

int hang_wait_rows(struct hang *h);
/* The row of the lock at address of a process, made if need be; with address 0, of the file that
 * name says. */
int hang_lock_row(struct hang *h, uint32_t process, uint64_t address, const char *type,
	const char *name, uint32_t *ret);
/* Process row of a pid, or LOCKDAG_NONE. */
uint32_t hang_find_process(const struct hang *h, int pid);
/* Thread row of a tid (as /proc has it) in process, or in any with LOCKDAG_NONE. */
uint32_t hang_find_thread(const struct hang *h, uint32_t process, int tid, bool ns);
/* ---- rescue.c */

int hang_rescuers(struct hang *h, uint32_t process, const struct hang_thread *t,
	const struct hang_wait *w, struct lockdag_still_thread *row);
int hang_rescuer_add(struct hang *h, struct lockdag_still_thread *row, enum lockdag_rescuer_who who,
	uint32_t index, bool exact, const char *words);
/* Has it a handler for any signal? */
bool hang_has_handlers(const struct hang_process *p);
/* Adds who has pid to the rescuers: its process where that is a row, else as outside. */
int hang_rescuer_pid(struct hang *h, struct lockdag_still_thread *row, int pid, const char *words);

/* ---- imports.c, origin.c */

enum {
	HANG_MAY_SHARE = 1,
	HANG_MAY_HANDLE = 2,
	HANG_MAY_OPEN = 4,
	HANG_MAY_CLOSE = 8,
	HANG_MAY_PIPE = 16,
	HANG_MAY_PAIR = 32,
	HANG_MAY_EVENTFD = 64,
	HANG_MAY_ALL = 127,
	HANG_MAY_CLONE = 128 /* processes with the same memory; never taken for granted */
};

unsigned hang_imports_name(const char *name);  /* of one function */
unsigned hang_imports(struct hang_process *p); /* of all modules; all, where one cannot be read */

/* Where a descriptor of a core file comes from. */
struct hang_origin {
	uint64_t address; /* of the two numbers, or of an eventfd's one */
	unsigned may;     /* by which functions: HANG_MAY_PIPE ... */
	int other;        /* the other number */
	bool in_code; /* by what the code does with that address; else by all that it cannot do */
	bool sure;    /* it is the program's own, and nobody else has it */
};
/* reads_8: the thread is in a read of 8 bytes, as of an eventfd. */
bool hang_origin(struct hang_process *p, int fd, bool reads_8, struct hang_origin *ret);

/* ---- runtime.c */

void hang_runtime(struct hang *h, uint32_t process);
/* A wait for the condition of CPython's lock is one for that lock, which says who has it. */
void hang_gil(struct hang *h, uint32_t process, struct hang_wait *w);

#endif
