/* SPDX-License-Identifier: MIT
 *
 * Threads: created with a row and a block of their own from the start, joined with an order. A
 * start routine is called by ours, which needs no memory but the block: what to call stands in the
 * block's held slots, which nobody uses yet.
 */
#include "guest/hooks_event.h"

#define REAL(name) (guest_reals()->name)

static uint64_t thread_take(struct lockdag_block *t, uint64_t *ret_argument)
{
	uint64_t routine = t->held[0].lock;

	*ret_argument = t->held[1].lock;
	t->held[0].lock = t->held[1].lock = 0;
	return routine;
}

static void *thread_start(void *block)
{
	uint64_t argument, routine = thread_take(block, &argument);

	guest_thread_begin(block, (uint64_t)__builtin_dwarf_cfa());
	return ((void *(*)(void *))routine)((void *)argument);
}

static int thread_start_c11(void *block)
{
	uint64_t argument, routine = thread_take(block, &argument);

	guest_thread_begin(block, (uint64_t)__builtin_dwarf_cfa());
	return ((thrd_start_t)routine)((void *)argument);
}

static struct lockdag_block *thread_prepare(struct lockdag_block *t, uint64_t ip, uint64_t routine,
	uint64_t argument, const pthread_attr_t *attributes)
{
	struct lockdag_block *child = t ? guest_thread_prepare(t, ip, routine, attributes) : NULL;

	if (child) {
		child->held[0].lock = routine;
		child->held[1].lock = argument;
	}
	return child;
}

GUEST_EXPORT int pthread_create(pthread_t *restrict thread,
	const pthread_attr_t *restrict attributes, void *(*routine)(void *), void *restrict argument)
{
	struct lockdag_block *t = guest_current();
	struct lockdag_block *child = thread_prepare(
		t, GUEST_IP(), (uint64_t)routine, (uint64_t)argument, attributes);
	uint32_t row;
	int r;

	if (!child)
		return REAL(pthread_create)(thread, attributes, routine, argument);
	row = child->thread;
	r = REAL(pthread_create)(thread, attributes, thread_start, child);
	if (r)
		guest_thread_not_created(child);
	else
		guest_thread_created(t, row, thread);
	return r;
}

GUEST_EXPORT int thrd_create(thrd_t *thread, thrd_start_t routine, void *argument)
{
	struct lockdag_block *t = guest_current();
	struct lockdag_block *child =
		thread_prepare(t, GUEST_IP(), (uint64_t)routine, (uint64_t)argument, NULL);
	uint32_t row;
	int r;

	if (!child)
		return REAL(thrd_create)(thread, routine, argument);
	row = child->thread;
	r = REAL(thrd_create)(thread, thread_start_c11, child);
	if (r != thrd_success)
		guest_thread_not_created(child);
	else
		guest_thread_created(t, row, thread);
	return r;
}

/* A join waits for the end of a thread, which is an event of its own: the wait's serial names it. */
static void thread_waits(
	pthread_t handle, unsigned flags, uint32_t timeout_ms, struct guest_site site)
{
	struct lockdag_block *t = guest_current();
	uint32_t row = t ? guest_thread_by_handle(handle) : LOCKDAG_NONE;

	if (row == LOCKDAG_NONE)
		return;
	t->joining = (uint64_t)row + 1;
	guest_event_wait(t, (const void *)handle, LOCKDAG_KEY_NONE, LOCKDAG_KEY_NONE, flags,
		timeout_ms, guest_thread_row(row)->start_routine * 31, site);
	t->joining = 0;
}

static int thread_joined(pthread_t handle, int r)
{
	struct lockdag_block *t = guest_current();

	if (!t)
		return r;
	guest_event_waited(t);
	if (!r)
		guest_thread_joined(t, handle);
	return r;
}

GUEST_EXPORT int pthread_join(pthread_t handle, void **ret)
{
	thread_waits(handle, 0, 0, GUEST_SITE());
	return thread_joined(handle, REAL(pthread_join)(handle, ret));
}

GUEST_EXPORT int thrd_join(thrd_t handle, int *ret)
{
	thread_waits(handle, 0, 0, GUEST_SITE());
	return thread_joined(handle, REAL(thrd_join)(handle, ret));
}

GUEST_EXPORT int pthread_tryjoin_np(pthread_t handle, void **ret)
{
	return thread_joined(handle, REAL(pthread_tryjoin_np)(handle, ret));
}

GUEST_EXPORT int pthread_timedjoin_np(
	pthread_t handle, void **ret, const struct timespec *until)
{
	thread_waits(handle, GUEST_TIMED, guest_until_ms(CLOCK_REALTIME, until), GUEST_SITE());
	return thread_joined(handle, REAL(pthread_timedjoin_np)(handle, ret, until));
}

GUEST_EXPORT int pthread_clockjoin_np(
	pthread_t handle, void **ret, clockid_t clock, const struct timespec *until)
{
	thread_waits(handle, GUEST_TIMED, guest_until_ms(clock, until), GUEST_SITE());
	return thread_joined(handle, REAL(pthread_clockjoin_np)(handle, ret, clock, until));
}

GUEST_EXPORT int pthread_setname_np(pthread_t handle, const char *name)
{
	int r = REAL(pthread_setname_np)(handle, name);

	if (!r && guest_current())
		guest_thread_named(handle, name);
	return r;
}
