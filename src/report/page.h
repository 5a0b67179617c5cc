/* SPDX-License-Identifier: MIT
 *
 * The page's two parts: html.c writes what is read, page_data.c what its script needs.
 */
#ifndef LOCKDAG_REPORT_PAGE_H
#define LOCKDAG_REPORT_PAGE_H

#include "report/render.h"

/* Appends text of the input to an element or attribute. */
void page_text(struct lockdag_text *t, const char *s);

/* Appends <script type="application/json" id="data">: findings with their classes and edges, and the
 * whole graph where options has it. */
int page_data(struct report *r, const struct lockdag_findings *f);

#endif
