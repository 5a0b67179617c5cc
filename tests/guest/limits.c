/* SPDX-License-Identifier: MIT
 *
 * Programs that live in narrow places. argument: WAY; ends with an inversion of lock_a and lock_b.
 */
#include "hard.h"

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>

static pthread_mutex_t lock_a = PTHREAD_MUTEX_INITIALIZER, lock_b = PTHREAD_MUTEX_INITIALIZER;
static pthread_barrier_t ready;

/* Ends the process at any call that is not on the list. */
static void allow(const int *calls, size_t n)
{
	struct sock_filter filter[64];
	struct sock_fprog program = {0, filter};
	size_t k = 0;

	filter[k++] = (struct sock_filter)BPF_STMT(
		BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
	for (size_t i = 0; i < n; i++) {
		filter[k++] = (struct sock_filter)BPF_JUMP(
			BPF_JMP | BPF_JEQ | BPF_K, (unsigned)calls[i], 0, 1);
		filter[k++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	}
	filter[k++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS);
	program.len = (unsigned short)k;
	MUST(!prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	MUST(!syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &program));
}

static int nested;

static void *first(void *arg)
{
	pthread_barrier_wait(&ready);
	nest(&lock_a, &lock_b);
	__atomic_store_n(&nested, 1, __ATOMIC_RELEASE); /* no order that lockdag knows */
	pthread_barrier_wait(&ready);
	return arg;
}

/* Threads from before; new locks and new orders of all kinds after. */
static void sandboxed(void)
{
	static const int calls[] = {SYS_write, SYS_exit, SYS_exit_group, SYS_futex};
	pthread_mutex_t m[40];
	pthread_rwlock_t rw = PTHREAD_RWLOCK_INITIALIZER;
	pthread_spinlock_t s;
	sem_t sem;
	pthread_t t;

	pthread_barrier_init(&ready, NULL, 2);
	MUST(!pthread_create(&t, NULL, first, NULL));
	nap(20);
	allow(calls, 4);
	for (int i = 0; i < 40; i++) {
		MUST(!pthread_mutex_init(&m[i], NULL));
		LOCK(&m[i]);
	}
	MUST(!pthread_rwlock_rdlock(&rw) && !pthread_rwlock_unlock(&rw));
	MUST(!pthread_spin_init(&s, 0) && !pthread_spin_lock(&s) && !pthread_spin_unlock(&s));
	MUST(!sem_init(&sem, 0, 1) && !sem_wait(&sem) && !sem_post(&sem));
	for (int i = 39; i >= 0; i--)
		UNLOCK(&m[i]);
	pthread_barrier_wait(&ready);
	while (!__atomic_load_n(&nested, __ATOMIC_ACQUIRE)) {
	}
	nest(&lock_b, &lock_a);
	MUST(write(1, "done\n", 5) == 5);
	syscall(SYS_exit_group, 0);
}

/* As a browser's child: what threads and forks themselves need is allowed, and no more. */
static const int with_threads[] = {SYS_write, SYS_exit, SYS_exit_group, SYS_futex, SYS_clone,
	SYS_clone3, SYS_mmap, SYS_mprotect, SYS_munmap, SYS_madvise, SYS_rt_sigprocmask,
	SYS_rt_sigaction, SYS_getrandom, SYS_set_robust_list, SYS_rseq, SYS_clock_nanosleep,
	SYS_wait4, SYS_brk};

static void sandboxed_threads(void)
{
	free(malloc(1000));
	allow(with_threads, sizeof(with_threads) / sizeof(with_threads[0]));
	abba(&lock_a, &lock_b);
	MUST(write(1, "done\n", 5) == 5);
	syscall(SYS_exit_group, 0);
}

static void sandboxed_fork(void)
{
	int status;
	pid_t pid;

	free(malloc(1000));
	allow(with_threads, sizeof(with_threads) / sizeof(with_threads[0]));
	pid = fork();
	if (pid == 0) {
		abba(&lock_a, &lock_b);
		MUST(write(1, "done\n", 5) == 5);
		syscall(SYS_exit_group, 0);
	}
	MUST(wait4(pid, &status, 0, NULL) == pid && status == 0);
	syscall(SYS_exit_group, 0);
}

static void limit(int resource, rlim_t value)
{
	struct rlimit l = {value, value};

	MUST(!setrlimit(resource, &l));
}

int main(int argc, char **argv)
{
	const char *way = argv[1];

	if (!strcmp(way, "sandbox"))
		sandboxed();
	else if (!strcmp(way, "sandbox-threads"))
		sandboxed_threads();
	else if (!strcmp(way, "sandbox-fork"))
		sandboxed_fork();
	else if (!strcmp(way, "descriptors")) {
		close_range(3, ~0u, 0);
		limit(RLIMIT_NOFILE, 3);
	} else if (!strcmp(way, "no-stdio")) {
		close_range(0, ~0u, 0);
		abba(&lock_a, &lock_b);
		return 0;
	} else if (!strcmp(way, "lock-all")) {
		/* Never as root without a limit: it would ask for every page of the session. */
		limit(RLIMIT_MEMLOCK, 64 << 20);
		MUST(geteuid() != 0 || !setuid(65534));
		MUST(!mlockall(MCL_CURRENT));
		munlockall();
	} else if (!strcmp(way, "limit-later")) {
		limit(RLIMIT_AS, 1 << 30);
		MUST(mmap(NULL, 100 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			     0) != MAP_FAILED);
	} else if (!strcmp(way, "data-later")) {
		limit(RLIMIT_DATA, 64 << 20);
	} else if (!strcmp(way, "use")) { /* MiB of address space, as it had them alone */
		MUST(mmap(NULL, (size_t)atol(argv[2]) << 20, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0) != MAP_FAILED);
	} else if (!strcmp(way, "memory")) {
		limit(RLIMIT_DATA, 512 << 20);
	} else if (!strcmp(way, "steady")) {
		/* strace counts: two runs that differ in rounds only make the same calls */
		for (int i = 0; i < atoi(argv[2]); i++)
			nest(&lock_a, &lock_b);
		return 0;
	} else if (!strcmp(way, "births")) {
		int n = atoi(argv[2]);
		pthread_mutex_t *m = calloc(200, sizeof(*m));

		for (int i = 0; i < n; i++) {
			LOCK(&m[0]);
			nest(&m[2 * i + 1], &m[2 * i + 2]);
			UNLOCK(&m[0]);
		}
		return 0;
	} else {
		MUST(!strcmp(way, "plain"));
	}
	abba(&lock_a, &lock_b);
	puts("done");
	return 0;
}
