/* SPDX-License-Identifier: MIT */
#include "session/session.h"

const char *lockdag_loss_meaning(enum lockdag_loss loss)
{
	static const char *const meanings[] = {
#define LOSS(upper, key, meaning) meaning,
#include "session/losses.def"
#undef LOSS
	};
	return (unsigned)loss < LOCKDAG_N_LOSSES ? meanings[loss] : "things were lost";
}

const char *lockdag_loss_key(enum lockdag_loss loss)
{
	static const char *const keys[] = {
#define LOSS(upper, key, meaning) key,
#include "session/losses.def"
#undef LOSS
	};
	return (unsigned)loss < LOCKDAG_N_LOSSES ? keys[loss] : "unknown";
}
