/* SPDX-License-Identifier: MIT
 *
 * include/lockdag/lockdag.h: locks, events and contexts of the program's own making. Work is in hooks_work.c,
 * what it says about locks of any kind in hooks_assert.c.
 */
#include "guest/hooks_event.h"

/* The public header's names, without its weak declarations. */
GUEST_EXPORT void lockdag_guest_name(const void *object, const char *name);
GUEST_EXPORT void lockdag_guest_name_subclass(const void *object, const char *name, unsigned subclass);
GUEST_EXPORT void lockdag_guest_acquiring(const void *object, const char *name, int mode);
GUEST_EXPORT void lockdag_guest_acquired(const void *object, const char *name, int mode);
GUEST_EXPORT void lockdag_guest_released(const void *object);
GUEST_EXPORT void lockdag_guest_destroyed(const void *object);
GUEST_EXPORT void lockdag_guest_waiting(const void *event, const char *name);
GUEST_EXPORT void lockdag_guest_waited(const void *event);
GUEST_EXPORT void lockdag_guest_signalled(const void *event, const char *name);
GUEST_EXPORT void lockdag_guest_iteration(void);

static bool api_key(struct lockdag_block *t, const void *object, const char *name,
	enum lockdag_lock_type type, struct guest_site site, uint32_t *ret_key)
{
	if (guest_plain_shadow(object, ret_key) || guest_lookup(object, type, ret_key))
		return true;
	if (name)
		guest_name(object, name);
	return guest_event_key(t, object, type, site, ret_key);
}

static unsigned api_mode(int mode)
{
	return mode > 0 && mode < LOCKDAG_N_MODES ? (unsigned)mode : LOCKDAG_EXCLUSIVE;
}

void lockdag_guest_name(const void *object, const char *name)
{
	if (guest_current() && object && name)
		guest_name(object, name);
}

/* A subclass is a class whose name says so, as lockdep prints it. */
void lockdag_guest_name_subclass(const void *object, const char *name, unsigned subclass)
{
	char text[256];
	size_t n = 0;

	if (!name || !subclass || subclass >= 8) {
		lockdag_guest_name(object, name);
		return;
	}
	for (; name[n] && n < sizeof(text) - 3; n++)
		text[n] = name[n];
	text[n] = '/';
	text[n + 1] = (char)('0' + subclass);
	text[n + 2] = '\0';
	lockdag_guest_name(object, text);
}

void lockdag_guest_acquiring(const void *object, const char *name, int mode)
{
	struct lockdag_block *t = guest_current();
	uint32_t key;

	if (!t || !api_key(t, object, name, LOCKDAG_LOCK_OWN, GUEST_SITE(), &key))
		return;
	guest_before(t, (void *)(uintptr_t)object, key, api_mode(mode), GUEST_IP(), GUEST_SP(), GUEST_LOOK_UP);
	t->announced = (uint64_t)object;
}

/* After lockdag_acquiring its slot is ready, unless other locks were taken on the way; a try comes here alone. */
void lockdag_guest_acquired(const void *object, const char *name, int mode)
{
	struct lockdag_block *t = guest_current();
	void *lock = (void *)(uintptr_t)object;
	uint32_t key;

	if (!t || !api_key(t, object, name, LOCKDAG_LOCK_OWN, GUEST_SITE(), &key))
		return;
	if (t->announced == (uint64_t)object)
		guest_after(t, lock, LOCKDAG_LOCK_OWN, api_mode(mode), GUEST_IP(), GUEST_SP(), true);
	else
		guest_tried(t, lock, key, api_mode(mode), GUEST_IP(), GUEST_SP(), GUEST_LOOK_UP);
	t->announced = 0;
}

void lockdag_guest_released(const void *object)
{
	struct lockdag_block *t = guest_current();

	if (t)
		guest_release(t, object, LOCKDAG_N_LOCK_TYPES);
}

void lockdag_guest_destroyed(const void *object)
{
	guest_gone((void *)(uintptr_t)object, LOCKDAG_LOCK_OWN, GUEST_SITE());
}

void lockdag_guest_waiting(const void *event, const char *name)
{
	struct lockdag_block *t = guest_current();
	uint32_t key;

	if (!t || !api_key(t, event, name, LOCKDAG_LOCK_EVENT, GUEST_SITE(), &key))
		return;
	guest_event_wait(t, event, key, LOCKDAG_KEY_NONE, 0, 0, 0, GUEST_SITE());
	guest_event_is_shared(t); /* nobody said that it is not */
	t->told = (uint64_t)event;
}

void lockdag_guest_waited(const void *event)
{
	struct lockdag_block *t = guest_current();

	(void)event;
	if (!t)
		return;
	t->told = 0;
	guest_event_waited(t);
}

void lockdag_guest_signalled(const void *event, const char *name)
{
	struct lockdag_block *t = guest_current();
	uint32_t key;

	if (t && api_key(t, event, name, LOCKDAG_LOCK_EVENT, GUEST_SITE(), &key))
		guest_event_signal(t, event, key, GUEST_SITE());
}

void lockdag_guest_iteration(void)
{
	struct lockdag_block *t = guest_current();

	if (t)
		guest_new_iteration(t, 0);
}
