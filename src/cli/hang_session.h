/* SPDX-License-Identifier: MIT
 *
 * What a session knows of processes that are looked at from outside: readers, where locks were taken,
 * who has signalled.
 */
#ifndef LOCKDAG_CLI_HANG_SESSION_H
#define LOCKDAG_CLI_HANG_SESSION_H

#include "base/vec.h"
#include "hang/hang.h"
#include "session/session.h"

struct cli_hang_facts {
	LOCKDAG_VEC(struct lockdag_hang_fact) facts;
};

void cli_hang_facts_done(struct cli_hang_facts *f);
/* Of a session. 0 or -ENOMEM. */
int cli_hang_facts_add(struct cli_hang_facts *f, const struct lockdag_session *s);
/* Of the session under which process pid runs, if it does. 0 or -ENOMEM. */
int cli_hang_facts_of(struct cli_hang_facts *f, int pid);

#endif
