/* SPDX-License-Identifier: MIT
 *
 * System V's semaphores and message queues, known in all processes by their numbers. A semaphore of
 * initial value 1 that is taken and given by one thread is a lock, as those of hooks_sem.c are; what else is given is an
 * event. Calls of several operations, and those by more than one or for zero, are not looked at. Whoever
 * receives messages of one type waits for one who sends those.
 */
#include "guest/descriptor.h"
#include "guest/hooks_event.h"
#include "guest/identity.h"
#include "guest/text.h"

#include <errno.h>
#include <stdarg.h>
#include <sys/ipc.h>
#include <sys/msg.h>

#include "base/hash.h"

#define REAL(name) (guest_reals()->name)

/* ------------------------------------------------------------------ semaphores */

#define SYSV_SETS 64

/* The sets that this process has got: what they are called, by key or number. */
static struct sysv_set {
	int id;
	uint32_t known;
	uint64_t key; /* 0: private */
} sysv_sets[SYSV_SETS];
static uint32_t sysv_n_sets;

static void *sysv_semaphore(int id, unsigned short number)
{
	return (void *)(UINT64_C(2) << 60 | (uint64_t)(uint32_t)id << 20 | (uint64_t)number << 4 | 4);
}

GUEST_EXPORT int semget(key_t key, int n, int flags)
{
	int id = REAL(semget)(key, n, flags);
	uint32_t at = 0;

	if (id < 0 || !guest_current())
		return id;
	while (at < SYSV_SETS && lockdag_load_acquire(&sysv_sets[at].known)) /* pairs with: below */
		if (sysv_sets[at++].id == id)
			return id;
	at = lockdag_add_relaxed(&sysv_n_sets, 1);
	if (at < SYSV_SETS) {
		sysv_sets[at].id = id;
		sysv_sets[at].key = key == IPC_PRIVATE ? 0 : (uint32_t)key;
		lockdag_store_release(&sysv_sets[at].known, 1); /* pairs with: above, sysv_name */
	}
	return id;
}

static void sysv_name(const void *semaphore, int id, unsigned short number)
{
	char name[64];

	for (uint32_t i = 0; i < SYSV_SETS; i++) {
		const struct sysv_set *set = &sysv_sets[i];

		if (!lockdag_load_acquire(&set->known) || set->id != id) /* pairs with: semget */
			continue;
		guest_format(name, sizeof(name), set->key ? "semaphore %u of set key %u" : "semaphore %u of set %u",
			(uint64_t)number, set->key ? set->key : (uint64_t)i + 1);
		guest_name(semaphore, name);
	}
}

/* What it was set to: in a, + 1. */
static struct lockdag_hash_entry *sysv_value(const void *semaphore)
{
	return guest_shared_entry(lockdag_hash_mix((uint64_t)semaphore ^ 0x76616c7565) | 1);
}

static bool sysv_key(struct lockdag_block *t, void *semaphore, int id, unsigned short number,
	struct guest_site site, uint32_t *ret_key)
{
	const struct lockdag_hash_entry *e;

	if (guest_plain_shadow(semaphore, ret_key) ||
		guest_lookup(semaphore, LOCKDAG_LOCK_SEMAPHORE, ret_key))
		return true;
	sysv_name(semaphore, id, number);
	e = sysv_value(semaphore);
	return guest_identify(t, semaphore, LOCKDAG_LOCK_SEMAPHORE, false,
		e ? lockdag_load_relaxed(&e->a) - 1 : LOCKDAG_NONE, site, ret_key);
}

static void sysv_is_set(int id, int number, int value)
{
	struct lockdag_hash_entry *e =
		guest_current() ? sysv_value(sysv_semaphore(id, (unsigned short)number)) : NULL;

	if (e && value >= 0)
		lockdag_store_relaxed(&e->a, (uint32_t)value + 1);
}

union sysv_argument {
	int value;
	struct semid_ds *about;
	unsigned short *values;
	uint64_t word;
};

GUEST_EXPORT int semctl(int id, int number, int command, ...)
{
	union sysv_argument argument;
	struct semid_ds about;
	va_list ap;
	int r;

	va_start(ap, command);
	argument.word = va_arg(ap, uint64_t);
	va_end(ap);
	r = REAL(semctl)(id, number, command, argument.word);
	if (r >= 0 && command == SETVAL)
		sysv_is_set(id, number, argument.value);
	else if (r >= 0 && command == SETALL && !REAL(semctl)(id, 0, IPC_STAT, (uint64_t)&about))
		for (int i = 0; i < (int)about.sem_nsems; i++)
			sysv_is_set(id, i, argument.values[i]);
	return r;
}

struct sysv_wait {
	struct guest_wait w;
	struct lockdag_block *t;
	bool lock;
};

/* Do its waiters hold it? */
static bool sysv_is_lock(uint32_t key)
{
	const struct lockdag_session_key *row = guest_key_row(key);

	return row->value && row->value != LOCKDAG_NONE &&
		!(lockdag_load_relaxed(&row->flags) & LOCKDAG_KEY_FOREIGN);
}

static void sysv_give(struct lockdag_block *t, void *semaphore, uint32_t key, struct guest_site site)
{
	if (!sysv_is_lock(key))
		guest_event_signal(t, semaphore, key, site);
	else if (guest_find_held(t, semaphore))
		guest_release(t, semaphore, LOCKDAG_N_LOCK_TYPES);
	else
		lockdag_or_relaxed(&guest_key_row(key)->flags, LOCKDAG_KEY_FOREIGN);
}

static void sysv_begin(struct sysv_wait *s, int id, const struct sembuf *operations, size_t n,
	const struct timespec *timeout, struct guest_site site)
{
	const uint32_t ms = timeout ? (uint32_t)(timeout->tv_sec * 1000 + timeout->tv_nsec / 1000000) : 0;
	unsigned flags = timeout ? GUEST_TIMED : 0;
	void *semaphore;
	uint32_t key;
	int saved = errno;

	s->lock = false;
	s->t = n == 1 && operations && (operations->sem_op == 1 || operations->sem_op == -1)
		? guest_current()
		: NULL;
	if (!s->t)
		return;
	semaphore = sysv_semaphore(id, operations->sem_num);
	if (!sysv_key(s->t, semaphore, id, operations->sem_num, site, &key)) {
		s->t = NULL;
	} else if (operations->sem_op > 0) {
		sysv_give(s->t, semaphore, key, site);
		s->t = NULL;
	} else if (sysv_is_lock(key)) {
		flags = operations->sem_flg & IPC_NOWAIT ? GUEST_TRY : flags;
		s->lock = guest_wait_begin(&s->w, semaphore, LOCKDAG_LOCK_SEMAPHORE, LOCKDAG_EXCLUSIVE,
			flags, ms, site);
	} else if (!(operations->sem_flg & IPC_NOWAIT)) {
		guest_event_wait(s->t, semaphore, key, LOCKDAG_KEY_NONE, flags, ms, 0, site);
	}
	errno = saved;
}

static int sysv_end(struct sysv_wait *s, int r)
{
	if (s->lock)
		guest_wait_end(&s->w, r == 0);
	else if (s->t)
		guest_event_waited(s->t);
	return r;
}

GUEST_EXPORT int semop(int id, struct sembuf *operations, size_t n)
{
	struct sysv_wait s;

	sysv_begin(&s, id, operations, n, NULL, GUEST_SITE());
	return sysv_end(&s, REAL(semop)(id, operations, n));
}

GUEST_EXPORT int semtimedop(int id, struct sembuf *operations, size_t n, const struct timespec *timeout)
{
	struct sysv_wait s;

	sysv_begin(&s, id, operations, n, timeout, GUEST_SITE());
	return sysv_end(&s, REAL(semtimedop)(id, operations, n, timeout));
}

/* ------------------------------------------------------------------ message queues
 *
 * Messages of one type are a flow; so are all of the queue, for who takes any. */

static uint32_t sysv_messages(struct lockdag_block *t, int id, long type, struct guest_site site)
{
	const uint64_t hash = lockdag_hash_mix((uint64_t)(uint32_t)id ^ UINT64_C(0x6d7367) << 40);

	return t ? guest_flow_of(t, lockdag_hash_mix(hash ^ (uint64_t)type), "messages of a queue", site) : 0;
}

GUEST_EXPORT int msgsnd(int id, const void *message, size_t size, int flags)
{
	struct lockdag_block *t = message ? guest_current() : NULL;
	const long type = message ? *(const long *)message : 0;
	const uint32_t one = sysv_messages(t, id, type, GUEST_SITE()), any = sysv_messages(t, id, 0, GUEST_SITE());
	int r;

	if (one)
		guest_flow_signal(one, GUEST_SITE());
	if (any)
		guest_flow_signal(any, GUEST_SITE());
	r = REAL(msgsnd)(id, message, size, flags);
	if (!r && one)
		guest_flow_wrote(one, 1);
	if (!r && any)
		guest_flow_wrote(any, 1);
	return r;
}

GUEST_EXPORT ssize_t msgrcv(int id, void *message, size_t size, long type, int flags)
{
	struct lockdag_block *t = guest_current(), *waited = NULL;
	const uint32_t any = sysv_messages(t, id, 0, GUEST_SITE());
	uint32_t one = type > 0 && !(flags & MSG_EXCEPT) ? sysv_messages(t, id, type, GUEST_SITE()) : any;
	ssize_t r;

	if (one && !(flags & IPC_NOWAIT))
		waited = guest_flow_await(one, 0, 0, GUEST_SITE());
	r = REAL(msgrcv)(id, message, size, type, flags);
	if (waited)
		guest_event_waited(waited);
	if (r < 0 || flags & MSG_COPY)
		return r;
	if (any)
		guest_flow_read(any, NULL, 1);
	one = sysv_messages(t, id, *(const long *)message, GUEST_SITE());
	if (one)
		guest_flow_read(one, NULL, 1);
	return r;
}
