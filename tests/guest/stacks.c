/* SPDX-License-Identifier: MIT
 *
 * Stacks of all kinds, with forbidden pages around. arguments: WHICH [abba]
 * Each way ends in inversion(): lock_a -> lock_b here, the other order in a plain thread.
 */
#include "hard.h"

#include <alloca.h>
#include <limits.h>
#include <ucontext.h>

static pthread_mutex_t lock_a = PTHREAD_MUTEX_INITIALIZER, lock_b = PTHREAD_MUTEX_INITIALIZER;
static void (*locker)(void);

static __attribute__((noinline)) void ordered(void)
{
	nest(&lock_a, &lock_b);
}

static char *guarded(size_t size)
{
	char *p = mmap(NULL, size + 8192, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	MUST(p != MAP_FAILED && !mprotect(p + 4096, size, PROT_READ | PROT_WRITE));
	return p + 4096;
}

/* ------------------------------------------------------------------ coroutines */

static ucontext_t home, inner[2];
static pthread_mutex_t held_over = PTHREAD_MUTEX_INITIALIZER;

static void coroutine(void)
{
	for (int i = 0; i < 3; i++) {
		locker();
		LOCK(&held_over);
		swapcontext(&inner[0], &home);
		UNLOCK(&held_over);
	}
}

static void in_coroutine(char *stack, size_t size)
{
	MUST(!getcontext(&inner[0]));
	inner[0].uc_stack.ss_sp = stack;
	inner[0].uc_stack.ss_size = size;
	inner[0].uc_link = &home;
	makecontext(&inner[0], coroutine, 0);
	for (int i = 0; i < 4; i++) {
		nap(5);
		swapcontext(&home, &inner[0]);
	}
}

/* ------------------------------------------------------------------ other frames */

static __attribute__((noinline)) int deep(int n)
{
	volatile char room[40];

	room[n % 40] = 1;
	if (n)
		return deep(n - 1) + room[0];
	locker();
	return 0;
}

/* Aligned locals beside alloca: gcc reaches the frame through another register. */
static __attribute__((noinline)) void aligned(size_t n)
{
	volatile char wide[64] __attribute__((aligned(64)));
	volatile char *more = alloca(n);

	more[0] = wide[0] = 1;
	MUST(((uintptr_t)wide & 63) == 0);
	locker();
	more[n - 1] = wide[63];
}

/* push rbp; mov rbp, rsp (or not, which no table could follow); call *rax; leave; ret */
static void generated(void)
{
	static const unsigned char code[] = {
		0x53, 0x48, 0x31, 0xdb, 0x48, 0x83, 0xec,
		0x20,                               /* push rbx; xor rbx,rbx; sub rsp,32 */
		0xff, 0xd7,                         /* call *rdi */
		0x48, 0x83, 0xc4, 0x20, 0x5b, 0xc3, /* add rsp,32; pop rbx; ret */
	};
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	memcpy(p, code, sizeof(code));
	MUST(!mprotect(p, 4096, PROT_READ | PROT_EXEC));
	((void (*)(void (*)(void)))p)(locker);
}

/* A page of code that calls pthread_mutex_lock itself. */
static void generated_lock(void)
{
	static const unsigned char code[] = {
		0x48, 0x83, 0xec, 0x08, 0xff, 0xd6, 0x48, 0x83, 0xc4, 0x08, 0xc3};
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int (*call)(pthread_mutex_t *, int (*)(pthread_mutex_t *)) = p;

	memcpy(p, code, sizeof(code));
	MUST(!mprotect(p, 4096, PROT_READ | PROT_EXEC));
	MUST(!call(&lock_a, pthread_mutex_lock));
	MUST(!call(&lock_b, pthread_mutex_lock));
	MUST(!call(&lock_b, pthread_mutex_unlock));
	MUST(!call(&lock_a, pthread_mutex_unlock));
}

/* ------------------------------------------------------------------ threads */

static void *thread(void *arg)
{
	locker();
	return arg;
}

static void in_thread(void *stack, size_t size)
{
	pthread_attr_t attributes;
	pthread_t t;

	MUST(!pthread_attr_init(&attributes));
	if (stack)
		MUST(!pthread_attr_setstack(&attributes, stack, size));
	else
		MUST(!pthread_attr_setstacksize(&attributes, size));
	MUST(!pthread_create(&t, &attributes, thread, NULL));
	MUST(!pthread_join(t, NULL));
}

static void way(const char *which)
{
	char local[65536];

	if (!strcmp(which, "coroutine-malloc"))
		in_coroutine(malloc(65536), 65536);
	else if (!strcmp(which, "coroutine-mmap"))
		in_coroutine(guarded(65536), 65536);
	else if (!strcmp(which, "coroutine-local"))
		in_coroutine(local, sizeof(local));
	else if (!strcmp(which, "deep"))
		deep(20000);
	else if (!strcmp(which, "aligned"))
		aligned(1000);
	else if (!strcmp(which, "generated"))
		generated();
	else if (!strcmp(which, "generated-lock"))
		generated_lock();
	else if (!strcmp(which, "thread-min"))
		in_thread(NULL, PTHREAD_STACK_MIN);
	else if (!strcmp(which, "thread-own"))
		in_thread(guarded(PTHREAD_STACK_MIN), PTHREAD_STACK_MIN);
	else if (!strcmp(which, "thread-large"))
		in_thread(guarded(1 << 20), 1 << 20);
	else
		MUST(!"a way");
}

static void *other(void *arg)
{
	nap(100);
	if (arg)
		nest(&lock_b, &lock_a);
	else
		nest(&lock_a, &lock_b);
	return NULL;
}

int main(int argc, char **argv)
{
	pthread_t t;

	locker = ordered;
	MUST(!pthread_create(&t, NULL, other, argc > 2 ? argv : NULL));
	way(argv[1]);
	MUST(!pthread_join(t, NULL));
	puts("done");
	return 0;
}
