/* SPDX-License-Identifier: MIT
 *
 * JSON values for the formats that are JSON. Errors latch in *err, so that only the end needs a
 * check.
 */
#ifndef LOCKDAG_REPORT_VALUES_H
#define LOCKDAG_REPORT_VALUES_H

#include <jansson.h>

#include "core/core.h"

#include "base/text.h"

/* A string that is valid UTF-8 whatever a program called its threads; NULL becomes null. */
json_t *report_json_text(const char *s);
json_t *report_json_textf(const char *fmt, ...) LOCKDAG_PRINTF(1, 2);
json_t *report_json_count(uint64_t n);
/* Add what they are given or fail: *err is then -ENOMEM. Both take value. */
void report_json_put(json_t *object, const char *key, json_t *value, int *err);
void report_json_push(json_t *array, json_t *value, int *err);
/* Appends value as text with a line's end, and releases it. flags: jansson's. */
/* json.c */
json_t *report_json_frame(const struct lockdag_frame *frame, int *err);
/* standstill_json.c: the keys verdict, threads, cycles and what belongs to them, into o. */
void report_json_standstill(const struct lockdag_standstill *s, json_t *o, int *err);

int report_json_print(struct lockdag_text *t, json_t *value, size_t flags, int err);

#endif
