/* SPDX-License-Identifier: MIT
 *
 * POSIX message queues: descriptors that whoever has opened the queue by its name reads and writes.
 */
#include "guest/descriptor.h"
#include "guest/hooks_event.h"
#include "guest/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <sys/stat.h>

#include "base/hash.h"

#define REAL(name) (guest_reals()->name)

static void mq_opened(struct lockdag_block *t, mqd_t q, const char *name, int flags, struct guest_site site)
{
	struct stat file;
	char called[128];
	uint32_t flow;

	if (fstat(q, &file))
		return;
	guest_format(called, sizeof(called), "messages of %s", name);
	flow = guest_flow_of(t,
		lockdag_hash_mix(lockdag_hash_mix(file.st_ino ^ 0x6d71) ^ file.st_dev), called, site);
	if (flow)
		guest_pipe_set(q, flow, flow, flags & O_NONBLOCK);
}

GUEST_EXPORT mqd_t mq_open(const char *name, int flags, ...)
{
	struct lockdag_block *t = guest_current();
	struct mq_attr *attributes = NULL;
	mode_t mode = 0;
	va_list ap;
	mqd_t q;
	int saved;

	if (flags & O_CREAT) {
		va_start(ap, flags);
		mode = va_arg(ap, mode_t);
		attributes = va_arg(ap, struct mq_attr *);
		va_end(ap);
	}
	q = REAL(mq_open)(name, flags, mode, attributes);
	saved = errno;
	if (t && q >= 0)
		mq_opened(t, q, name, flags, GUEST_SITE());
	errno = saved;
	return q;
}

GUEST_EXPORT int mq_close(mqd_t q)
{
	guest_pipe_closed(q);
	return REAL(mq_close)(q);
}

/* A message counts by its bytes, and one more, for it may have none. */
static int mq_sent(mqd_t q, size_t size, int r)
{
	const uint32_t flow = guest_pipe_flow(q);

	if (!r && flow)
		guest_flow_wrote(flow, (ssize_t)size + 1);
	return r;
}

static ssize_t mq_received(mqd_t q, struct lockdag_block *waited, ssize_t r)
{
	const uint32_t flow = guest_pipe_flow(q);

	if (flow)
		guest_flow_read(flow, waited, r >= 0 ? r + 1 : 0);
	return r;
}

static void mq_sends(mqd_t q, struct guest_site site)
{
	if (guest_pipe_flow(q))
		guest_flow_signal(guest_pipe_flow(q), site);
}

GUEST_EXPORT int mq_send(mqd_t q, const char *message, size_t size, unsigned priority)
{
	mq_sends(q, GUEST_SITE());
	return mq_sent(q, size, REAL(mq_send)(q, message, size, priority));
}

GUEST_EXPORT int mq_timedsend(
	mqd_t q, const char *message, size_t size, unsigned priority, const struct timespec *until)
{
	mq_sends(q, GUEST_SITE());
	return mq_sent(q, size, REAL(mq_timedsend)(q, message, size, priority, until));
}

GUEST_EXPORT ssize_t mq_receive(
	mqd_t q, char *message, size_t size, unsigned *priority)
{
	struct lockdag_block *waited = guest_pipe_reads(q, GUEST_SITE());

	return mq_received(q, waited, REAL(mq_receive)(q, message, size, priority));
}

GUEST_EXPORT ssize_t mq_timedreceive(mqd_t q, char *restrict message, size_t size,
	unsigned *restrict priority, const struct timespec *restrict until)
{
	struct lockdag_block *waited = guest_pipe_flow(q)
		? guest_flow_await(guest_pipe_flow(q), GUEST_TIMED, guest_until_ms(CLOCK_REALTIME, until), GUEST_SITE())
		: NULL;

	return mq_received(q, waited, REAL(mq_timedreceive)(q, message, size, priority, until));
}
