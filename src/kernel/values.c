/* SPDX-License-Identifier: MIT */
#include "kernel/values.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/lines.h"

void value_put(json_t *object, const char *key, json_t *value, int *err)
{
	if (json_object_set_new(object, key, value) != 0)
		*err = -ENOMEM;
}

void value_push(json_t *array, json_t *value, int *err)
{
	if (json_array_append_new(array, value) != 0)
		*err = -ENOMEM;
}

json_t *value_text_n(const char *s, size_t n)
{
	char *copy = s ? strndup(s, n) : NULL;
	json_t *value;

	if (!copy)
		return s ? NULL : json_null();
	copy[line_plain(copy, strlen(copy))] = 0;
	value = json_string(copy);
	free(copy);
	return value;
}

json_t *value_text(const char *s)
{
	return value_text_n(s, s ? strlen(s) : 0);
}

json_t *value_number(uint64_t n)
{
	return json_integer(n > INT64_MAX ? INT64_MAX : (json_int_t)n);
}

json_t *value_number_or_null(uint64_t n)
{
	return n ? value_number(n) : json_null();
}
