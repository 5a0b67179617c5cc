/* SPDX-License-Identifier: MIT */
#include "session/session.h"

const char *lockdag_loss_meaning(enum lockdag_loss loss)
{
	static const char *const meanings[] = {
#define LOSS(upper, meaning) meaning,
#include "session/losses.def"
#undef LOSS
	};
	return (unsigned)loss < LOCKDAG_N_LOSSES ? meanings[loss] : "things were lost";
}
