// expect: clean ; kind: completion ; locks: word ; note: libc's syscall() does what it does alone: results, errors, all six arguments, a fork by it, and futexes of the program's own
#include <linux/futex.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "asleep.h"

static unsigned word;
static int waiter;

static void *wait_for_word(void *arg)
{
	will_sleep(&waiter);
	while (__atomic_load_n(&word, __ATOMIC_ACQUIRE) == 0)
		syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0);
	return arg;
}

static int check_futex(void)
{
	struct timespec soon = { 0, 1000000 };
	pthread_t t;

	errno = 0;
	if (syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 1, NULL, NULL, 0) != -1 || errno != EAGAIN)
		return 1;
	if (syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 0, &soon, NULL, 0) != -1 || errno != ETIMEDOUT)
		return 2;
	pthread_create(&t, NULL, wait_for_word, NULL);
	await_asleep(&waiter);
	__atomic_store_n(&word, 1, __ATOMIC_RELEASE);
	syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
	pthread_join(t, NULL);
	return 0;
}

int main(void)
{
	char *p = (char *)syscall(SYS_mmap, NULL, 4096, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int status = 0;
	pid_t child;

	if (p == MAP_FAILED || syscall(SYS_getpid) != getpid())
		return 3;
	p[4095] = 1;
	errno = 0;
	if (syscall(SYS_close, -1) != -1 || errno != EBADF)
		return 4;
	errno = 7;
	if (syscall(SYS_munmap, p, 4096) || errno != 7)
		return 5;
	child = (pid_t)syscall(SYS_fork);
	if (!child)
		_exit(9);
	if (waitpid(child, &status, 0) != child || WEXITSTATUS(status) != 9)
		return 6;
	return check_futex();
}
