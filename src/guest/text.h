/* SPDX-License-Identifier: MIT
 *
 * The little text work the guest needs, without stdio or locale.
 */
#ifndef LOCKDAG_GUEST_TEXT_H
#define LOCKDAG_GUEST_TEXT_H

#include <stdarg.h>

#include "base/base.h"

/* What follows prefix in s, or NULL when s does not start with it. */
static inline const char *guest_after_prefix(const char *s, const char *prefix)
{
	while (*prefix)
		if (*s++ != *prefix++)
			return NULL;
	return s;
}

/* A decimal number and the ':' or end behind it; moves *at on. */
static inline bool guest_parse_number(const char **at, uint64_t *ret_value)
{
	const char *s = *at;
	uint64_t v = 0;

	if (*s < '0' || *s > '9')
		return false;
	for (; *s >= '0' && *s <= '9'; s++) {
		if (v > (UINT64_MAX - 9) / 10)
			return false;
		v = v * 10 + (uint64_t)(*s - '0');
	}
	if (*s && *s != ':')
		return false;
	*at = *s ? s + 1 : s;
	*ret_value = v;
	return true;
}

/* Copies s, cut to fit, always terminated. */
static inline void guest_copy(char *to, size_t size, const char *s)
{
	size_t i = 0;

	for (; i + 1 < size && s[i]; i++)
		to[i] = s[i];
	to[i] = 0;
}

#define GUEST_FILE "liblockdag-guest.so"

/* The next entry of a list as LD_PRELOAD has it: *at moves to it, its length comes back; 0: none. */
static inline size_t guest_next_entry(const char **at)
{
	size_t n = 0;

	while (**at == ':' || **at == ' ')
		++*at;
	while ((*at)[n] && (*at)[n] != ':' && (*at)[n] != ' ')
		n++;
	return n;
}

static inline bool guest_is_our_entry(const char *entry, size_t n)
{
	return n >= sizeof(GUEST_FILE) - 1 &&
		guest_after_prefix(entry + n - (sizeof(GUEST_FILE) - 1), GUEST_FILE);
}

/* %s and %u (of uint64_t) only; cut to fit, always terminated. */
static inline void guest_format(char *to, size_t size, const char *format, ...)
{
	size_t n = 0;
	va_list ap;

	va_start(ap, format);
	for (; *format && n + 1 < size; format++) {
		char digits[24];
		size_t i = sizeof(digits);
		const char *s = digits;

		if (*format != '%') {
			to[n++] = *format;
			continue;
		}
		digits[--i] = 0;
		if (*++format == 's') {
			s = va_arg(ap, const char *);
		} else {
			uint64_t v = va_arg(ap, uint64_t);

			do
				digits[--i] = (char)('0' + v % 10);
			while (v /= 10);
			s = digits + i;
		}
		while (*s && n + 1 < size)
			to[n++] = *s++;
	}
	va_end(ap);
	to[n] = 0;
}

#endif
