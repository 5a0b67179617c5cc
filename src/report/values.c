/* SPDX-License-Identifier: MIT */
#include "report/values.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "report/render.h"

json_t *report_json_text(const char *s)
{
	struct lockdag_text t = {0};
	uint32_t code = 0;
	json_t *value;
	char *clean;

	if (!s)
		return json_null();
	for (size_t n; *s; s += n) {
		n = report_utf8(s, &code);
		if (n)
			lockdag_text_add_n(&t, s, n);
		else
			lockdag_text_add(&t, "\xef\xbf\xbd");
		n = n ? n : 1;
	}
	clean = lockdag_text_take(&t);
	value = clean ? json_string(clean) : NULL;
	free(clean);
	return value;
}

json_t *report_json_textf(const char *fmt, ...)
{
	char *s = NULL;
	json_t *value;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&s, fmt, ap);
	va_end(ap);
	if (n < 0)
		return NULL;
	value = report_json_text(s);
	free(s);
	return value;
}

json_t *report_json_count(uint64_t n)
{
	return json_integer(n > INT64_MAX ? INT64_MAX : (json_int_t)n);
}

void report_json_put(json_t *object, const char *key, json_t *value, int *err)
{
	if (json_object_set_new(object, key, value) != 0)
		*err = -ENOMEM;
}

void report_json_push(json_t *array, json_t *value, int *err)
{
	if (json_array_append_new(array, value) != 0)
		*err = -ENOMEM;
}

int report_json_print(struct lockdag_text *t, json_t *value, size_t flags, int err)
{
	char *s = err || !value ? NULL : json_dumps(value, flags);

	json_decref(value);
	if (!s)
		return err ? err : -ENOMEM;
	lockdag_text_add(t, s);
	lockdag_text_add(t, "\n");
	free(s);
	return 0;
}
