/* SPDX-License-Identifier: MIT */
#ifndef LOCKDAG_GUEST_MODULE_H
#define LOCKDAG_GUEST_MODULE_H

#include "base/base.h"

/* Whether address lies in a loaded module (code or data). Lock-free. */
bool guest_in_module(uint64_t address);

/* A library was unloaded: modules may be somewhere else from now on. */
void guest_modules_changed(void);

#endif
