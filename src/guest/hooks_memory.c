/* SPDX-License-Identifier: MIT
 *
 * mlockall asks for every page of every mapping, and the session's is large and nearly all holes. With
 * MCL_ONFAULT pages are locked as they are touched: the program's own are in memory or come once.
 */
#include "guest/hooks.h"

#include <sys/mman.h>

#define REAL(name) (guest_reals()->name)

GUEST_EXPORT int mlockall(int flags)
{
	int r;

	if (guest_process.state != GUEST_READY || !(flags & MCL_CURRENT))
		return REAL(mlockall)(flags);
	r = REAL(mlockall)(MCL_CURRENT | MCL_ONFAULT);
	flags &= ~(MCL_CURRENT | MCL_ONFAULT);
	return r || !flags ? r : REAL(mlockall)(flags);
}
