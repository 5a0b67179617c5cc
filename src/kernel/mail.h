/* SPDX-License-Identifier: MIT
 *
 * Bodies of mails that are quoted-printable or base64, decoded on the way. Everything else passes
 * through as it is. Lines of quoted-printable text keep the numbers that they have in the file:
 * line ends that decoding takes away follow the line as empty ones.
 */
#ifndef LOCKDAG_KERNEL_MAIL_H
#define LOCKDAG_KERNEL_MAIL_H

#include "kernel/kernel.h"

enum mail_encoding { MAIL_PLAIN, MAIL_QUOTED_PRINTABLE, MAIL_BASE64 };

struct mail {
	enum mail_encoding announced; /* by the header that is being read */
	enum mail_encoding encoding;  /* of the body at hand */
	char line[2048];              /* the start of the line at hand, while it is not whole */
	size_t line_n;
	bool line_long;     /* what went before of this line was given away already */
	unsigned soft_ends; /* line ends that are owed */
	uint32_t bits;      /* base64: what is no byte yet */
	unsigned n_bits;
};

/* 0 or a negative errno, which ends the reading. */
typedef int mail_sink(void *context, const char *s, size_t n, bool last);

int mail_feed(struct mail *mail, const char *s, size_t n, mail_sink *sink, void *context);
/* No more comes; mail is ready for the next file. */
int mail_end(struct mail *mail, mail_sink *sink, void *context);

#endif
