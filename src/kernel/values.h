/* SPDX-License-Identifier: MIT
 *
 * JSON values of what was read: text in it may be no UTF-8, and memory may end at any of them.
 */
#ifndef LOCKDAG_KERNEL_VALUES_H
#define LOCKDAG_KERNEL_VALUES_H

#include <jansson.h>
#include <stdint.h>

/* Both take value over. *err becomes -ENOMEM where value is NULL or there is no memory. */
void value_put(json_t *object, const char *key, json_t *value, int *err);
void value_push(json_t *array, json_t *value, int *err);

json_t *value_text(const char *s);             /* NULL: null */
json_t *value_text_n(const char *s, size_t n); /* at most n bytes of it */
json_t *value_number(uint64_t n);
json_t *value_number_or_null(uint64_t n); /* 0: null */

#endif
