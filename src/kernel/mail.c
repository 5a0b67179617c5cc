/* SPDX-License-Identifier: MIT */
#include "kernel/mail.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

/* ------------------------------------------------------------------ what lines say */

static const char encoding_header[] = "Content-Transfer-Encoding:";

static size_t line_length(const char *s, size_t n)
{
	while (n > 0 && (s[n - 1] == '\n' || s[n - 1] == '\r'))
		n--;
	return n;
}

/* "Content-Transfer-Encoding: base64", perhaps quoted by nobody: only a mail's own counts. */
static enum mail_encoding encoding_of(const char *s, size_t n)
{
	const size_t k = sizeof(encoding_header) - 1;

	if (n < k || strncasecmp(s, encoding_header, k))
		return MAIL_PLAIN;
	for (s += k, n -= k; n > 0 && (*s == ' ' || *s == '\t'); s++, n--)
		;
	if (n >= 16 && !strncasecmp(s, "quoted-printable", 16))
		return MAIL_QUOTED_PRINTABLE;
	return n >= 6 && !strncasecmp(s, "base64", 6) ? MAIL_BASE64 : MAIL_PLAIN;
}

/* "--001a113ec1e05e8a": the end of a part. lockdep's own lines of dashes have nothing else. */
static bool is_boundary(const char *s, size_t n)
{
	size_t others = 0;

	if (n < 10 || n > 76 || s[0] != '-' || s[1] != '-')
		return false;
	for (size_t i = 2; i < n; i++) {
		if (s[i] == ' ' || s[i] == '[')
			return false;
		others += isalnum((unsigned char)s[i]) != 0;
	}
	return others >= 6;
}

static bool body_ends(const char *s, size_t n)
{
	return is_boundary(s, n) || (n > 5 && !memcmp(s, "From ", 5));
}

/* ------------------------------------------------------------------ bodies */

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Decodes in place; s has its line end, unless it is the last. */
static int quoted_line(
	struct mail *mail, char *s, size_t n, bool whole, mail_sink *sink, void *context)
{
	size_t length = line_length(s, n), to = 0;
	bool soft = whole && length > 1 && s[length - 1] == '=' && s[length - 2] != '=';
	int r;

	length -= soft;
	for (size_t i = 0; i < length; i++) {
		int high = s[i] == '=' && i + 3 <= length ? hex(s[i + 1]) : -1;
		int low;

		low = high >= 0 ? hex(s[i + 2]) : -1;
		if (low >= 0) {
			s[to++] = (char)(high * 16 + low);
			i += 2;
		} else {
			s[to++] = s[i];
		}
	}
	mail->soft_ends += soft;
	if (whole && !soft && n > length)
		s[to++] = '\n';
	r = sink(context, s, to, false);
	for (; r == 0 && whole && !soft && mail->soft_ends > 0; mail->soft_ends--)
		r = sink(context, "\n", 1, false);
	return r;
}

static int base64_value(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

static bool base64_line(const char *s, size_t n)
{
	size_t pads = 0;

	if (n == 0 || n > 1024)
		return false;
	while (n > 0 && s[n - 1] == '=' && pads < 2)
		n--, pads++;
	for (size_t i = 0; i < n; i++)
		if (base64_value(s[i]) < 0)
			return false;
	return true;
}

static size_t base64_decode(struct mail *mail, char *s, size_t n)
{
	size_t to = 0;

	for (size_t i = 0; i < n; i++) {
		int value = base64_value(s[i]);

		if (value < 0)
			continue;
		mail->bits = mail->bits << 6 | (uint32_t)value;
		mail->n_bits += 6;
		if (mail->n_bits >= 8) {
			mail->n_bits -= 8;
			s[to++] = (char)(mail->bits >> mail->n_bits);
		}
	}
	return to;
}

/* ------------------------------------------------------------------ lines */

/* One line in mail->line with its end, or its first bytes when it is long (whole: it has its end).
 */
static int line_done(struct mail *mail, bool whole, mail_sink *sink, void *context)
{
	size_t n = mail->line_n, length = line_length(mail->line, n);
	bool start = !mail->line_long;
	enum mail_encoding encoding = start ? encoding_of(mail->line, length) : MAIL_PLAIN;

	mail->line_n = 0;
	mail->line_long = !whole;
	if (start && mail->encoding != MAIL_PLAIN && body_ends(mail->line, length))
		mail->encoding = MAIL_PLAIN;
	if (mail->encoding == MAIL_BASE64 && !(start && whole && base64_line(mail->line, length)) &&
		length > 0) {
		mail->encoding = MAIL_PLAIN;
		mail->n_bits = 0;
	}
	if (mail->encoding == MAIL_QUOTED_PRINTABLE)
		return quoted_line(mail, mail->line, n, whole, sink, context);
	if (mail->encoding == MAIL_BASE64)
		return sink(context, mail->line, base64_decode(mail, mail->line, length), false);
	if (encoding != MAIL_PLAIN) {
		mail->announced = encoding;
	} else if (mail->announced != MAIL_PLAIN && start && length == 0) {
		mail->encoding = mail->announced;
		mail->announced = MAIL_PLAIN;
		mail->n_bits = mail->soft_ends = 0;
	}
	return sink(context, mail->line, n, false);
}

/* Is every line to be looked at? Not while no mail is near. */
static bool mail_is_idle(const struct mail *mail)
{
	return mail->encoding == MAIL_PLAIN && mail->announced == MAIL_PLAIN && mail->line_n == 0 &&
	       !mail->line_long;
}

static const char sign[] = "ransfer-"; /* of that header, whatever its capitals */

/* Horspool's search: looks at every eighth byte. NULL: it is not there. */
static const char *find_sign(const char *s, size_t n)
{
	const size_t k = sizeof(sign) - 1;
	uint8_t shift[256];

	memset(shift, (int)k, sizeof(shift));
	for (size_t i = 0; i + 1 < k; i++)
		shift[(unsigned char)sign[i]] = (uint8_t)(k - 1 - i);
	for (size_t at = k; at <= n; at += shift[(unsigned char)s[at - 1]])
		if (s[at - 1] == sign[k - 1] && !memcmp(s + at - k, sign, k))
			return s + at - k;
	return NULL;
}

/* How many bytes of [s, s + n) pass as they are: up to the line of the next header that matters, or
 * up to the start of a line that is not whole. */
static size_t idle_length(const char *s, size_t n)
{
	const char *found = find_sign(s, n), *start;

	while (found) {
		start = memrchr(s, '\n', (size_t)(found - s));
		start = start ? start + 1 : s;
		if (!strncasecmp(start, encoding_header, 8))
			return (size_t)(start - s);
		found = find_sign(found + 8, n - (size_t)(found + 8 - s));
	}
	start = memrchr(s, '\n', n);
	start = start ? start + 1 : s;
	/* a long line without end passes, too */
	return n - (size_t)(start - s) < sizeof(((struct mail *)0)->line) / 2 ? (size_t)(start - s)
									      : n;
}

int mail_feed(struct mail *mail, const char *s, size_t n, mail_sink *sink, void *context)
{
	while (n > 0) {
		const char *end;
		size_t k, room;
		int r = 0;

		if (mail_is_idle(mail)) {
			k = idle_length(s, n);
			mail->line_long = k == n && s[n - 1] != '\n';
			if (k > 0) {
				r = sink(context, s, k, false);
				s += k;
				n -= k;
			}
			if (r < 0 || n == 0)
				return r;
		}
		end = memchr(s, '\n', n);
		k = end ? (size_t)(end - s) + 1 : n;
		room = sizeof(mail->line) - mail->line_n;
		if (k > room) {
			k = room;
			end = NULL;
		}
		memcpy(mail->line + mail->line_n, s, k);
		mail->line_n += k;
		s += k;
		n -= k;
		if (end || mail->line_n == sizeof(mail->line))
			r = line_done(mail, end != NULL, sink, context);
		if (r < 0)
			return r;
	}
	return 0;
}

int mail_end(struct mail *mail, mail_sink *sink, void *context)
{
	int r = mail->line_n ? line_done(mail, true, sink, context) : 0;

	*mail = (struct mail){0};
	return r;
}
