/* SPDX-License-Identifier: MIT
 *
 * Makers of objects. One call that leads to initialisers in several modules is a call through a pointer: an
 * object system makes objects of all types there (g_object_new and its like). What such objects share is
 * how they are made, not what is done with them: one type's locks stand at any place of a pipeline or a tree, and
 * which is locked under which follows the objects.
 */
#ifndef LOCKDAG_CORE_MAKERS_H
#define LOCKDAG_CORE_MAKERS_H

#include "core/classes.h"

#define MAKERS_SITES 4   /* places that initialise locks, below one call */
#define MAKERS_MODULES 2 /* modules that these are in, other than the call's own */

struct makers {
	bool *objects; /* of each class: are its locks made so? */
};

int makers_init(struct makers *k, const struct lockdag_model *m, const struct classes *c);
void makers_done(struct makers *k);

#endif
