/* SPDX-License-Identifier: MIT
 *
 * Streams: flockfile's lock is a recursive one of the stream. Every function of stdio takes it for a moment,
 * which is not seen.
 */
#include "guest/descriptor.h"
#include "guest/hooks.h"

#include <stdio.h>

#define REAL(name) (guest_reals()->name)

GUEST_EXPORT void flockfile(FILE *f)
{
	struct guest_wait w;
	bool watched = guest_wait_begin(
		&w, f, LOCKDAG_LOCK_STREAM, LOCKDAG_EXCLUSIVE, 0, 0, GUEST_SITE());

	REAL(flockfile)(f);
	if (watched)
		guest_wait_end(&w, true);
}

GUEST_EXPORT int ftrylockfile(FILE *f)
{
	GUEST_ACQUIRE(f, LOCKDAG_LOCK_STREAM, LOCKDAG_EXCLUSIVE, GUEST_TRY, 0, REAL(ftrylockfile)(f));
}

GUEST_EXPORT void funlockfile(FILE *f)
{
	struct lockdag_block *t = guest_current();

	if (t && guest_find_held(t, f))
		guest_release(t, f, LOCKDAG_N_LOCK_TYPES);
	REAL(funlockfile)(f);
}

void guest_stream_closing(const void *stream)
{
	uint32_t key;

	if (guest_ready() && guest_lookup(stream, LOCKDAG_LOCK_STREAM, &key))
		guest_gone((void *)(uintptr_t)stream, LOCKDAG_LOCK_STREAM, GUEST_SITE());
}
