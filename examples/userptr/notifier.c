/* SPDX-License-Identifier: MIT
 *
 * Ranges are registered for write protection, which is never used: a registration for missing pages
 * would have the reader fill them in, and without privileges system calls on such memory would
 * fail. That a range is registered at all is what its events come from.
 */
#include "notifier.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <lockdag/lockdag.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

struct notifier {
	struct workqueue *queue;
	_Atomic(const char *) unwatched;
	int uffd, stop;
	pthread_mutex_t reading; /* held while events are on their way from uffd to the queue */
	pthread_t reader;
};

static int notifier_uffd(const char **ret_why)
{
	struct uffdio_api api = {
		.api = UFFD_API,
		.features = UFFD_FEATURE_EVENT_UNMAP | UFFD_FEATURE_EVENT_REMOVE |
			    UFFD_FEATURE_EVENT_REMAP | UFFD_FEATURE_PAGEFAULT_FLAG_WP,
	};
	int flags = O_CLOEXEC | O_NONBLOCK; /* poll() wants O_NONBLOCK */
	int fd = (int)syscall(SYS_userfaultfd, flags);

#ifdef UFFD_USER_MODE_ONLY
	if (fd < 0 && errno == EPERM)
		fd = (int)syscall(SYS_userfaultfd, flags | UFFD_USER_MODE_ONLY);
#endif
	if (fd < 0) {
		*ret_why = errno == ENOSYS  ? "the kernel has no userfaultfd"
			   : errno == EPERM ? "userfaultfd is not permitted"
					    : "userfaultfd failed";
		return -1;
	}
	if (ioctl(fd, UFFDIO_API, &api)) {
		close(fd);
		*ret_why = "userfaultfd has no events of unmapping";
		return -1;
	}
	return fd;
}

static void notifier_event(struct notifier *n, const struct uffd_msg *msg)
{
	struct work work = {.event = USERPTR_GONE};

	switch (msg->event) {
	case UFFD_EVENT_REMOVE:
		work.event = USERPTR_DISCARDED;
		/* fallthrough */
	case UFFD_EVENT_UNMAP:
		work.start = (uintptr_t)msg->arg.remove.start;
		work.end = (uintptr_t)msg->arg.remove.end;
		break;
	case UFFD_EVENT_REMAP:
		work.start = (uintptr_t)msg->arg.remap.from;
		work.end = work.start + (uintptr_t)msg->arg.remap.len;
		break;
	default:
		return;
	}
	workqueue_queue(n->queue, &work);
}

static void notifier_read(struct notifier *n)
{
	struct uffd_msg messages[16];
	ssize_t size;

	pthread_mutex_lock(&n->reading);
	size = read(n->uffd, messages, sizeof(messages));
	for (ssize_t i = 0; i < size / (ssize_t)sizeof(messages[0]); i++)
		notifier_event(n, &messages[i]);
	pthread_mutex_unlock(&n->reading);
}

/* Takes no lock that is held over a call which has the reader's reading to wait for. */
static void *notifier_reader(void *argument)
{
	struct notifier *n = argument;
	struct pollfd fds[] = {
		{.fd = n->uffd, .events = POLLIN},
		{.fd = n->stop, .events = POLLIN},
	};

	for (;;) {
		lockdag_iteration();
		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			return NULL;
		if (fds[1].revents)
			return NULL;
		if (fds[0].revents & POLLIN)
			notifier_read(n);
	}
}

static const char *notifier_start(struct notifier *n)
{
	const char *why = NULL;

	n->uffd = notifier_uffd(&why);
	if (n->uffd < 0)
		return why;
	n->stop = eventfd(0, EFD_CLOEXEC);
	if (n->stop < 0)
		return "no descriptor for an eventfd";
	if (pthread_create(&n->reader, NULL, notifier_reader, n))
		return "no thread to read events";
	pthread_setname_np(n->reader, "userptr-reader");
	return NULL;
}

static void notifier_close(struct notifier *n)
{
	if (n->uffd >= 0)
		close(n->uffd);
	if (n->stop >= 0)
		close(n->stop);
	n->uffd = n->stop = -1;
}

int notifier_new(struct notifier **ret, workqueue_function function, void *argument,
	void *(*allocate)(size_t size), bool watch)
{
	struct notifier *n = allocate(sizeof(*n));
	const char *why;
	int err;

	if (!n)
		return -ENOMEM;
	memset(n, 0, sizeof(*n));
	n->uffd = n->stop = -1;
	err = workqueue_new(&n->queue, function, argument, allocate);
	if (err) {
		free(n);
		return err;
	}
	pthread_mutex_init(&n->reading, NULL);
	lockdag_name(&n->reading, "userptr.reading");
	why = watch ? notifier_start(n) : "the program asked for no userfaultfd";
	if (why)
		notifier_close(n);
	atomic_init(&n->unwatched, why);
	*ret = n;
	return 0;
}

void notifier_free(struct notifier *n)
{
	const uint64_t one = 1;

	if (!n)
		return;
	if (n->uffd >= 0) {
		while (write(n->stop, &one, sizeof(one)) < 0 && errno == EINTR)
			;
		pthread_join(n->reader, NULL);
	}
	notifier_close(n); /* lets go whoever waits for the reader */
	workqueue_free(n->queue);
	pthread_mutex_destroy(&n->reading);
	free(n);
}

const char *notifier_unwatched(const struct notifier *n)
{
	return atomic_load(&n->unwatched);
}

void notifier_watch(struct notifier *n, uintptr_t start, uintptr_t end)
{
	struct uffdio_register range = {
		.range = {start, end - start},
		.mode = UFFDIO_REGISTER_MODE_WP,
	};

	if (n->uffd >= 0 && ioctl(n->uffd, UFFDIO_REGISTER, &range))
		atomic_store(&n->unwatched,
			"some of the memory is of a kind that userfaultfd does not watch");
}

void notifier_unwatch(struct notifier *n, uintptr_t start, uintptr_t end)
{
	struct uffdio_range range = {start, end - start};

	/* What is unmapped by now is not watched any more. */
	if (n->uffd >= 0)
		ioctl(n->uffd, UFFDIO_UNREGISTER, &range);
}

void notifier_tell(struct notifier *n, const struct work *work)
{
	workqueue_queue(n->queue, work);
}

void notifier_settle(struct notifier *n)
{
	pthread_mutex_lock(&n->reading);
	pthread_mutex_unlock(&n->reading);
	workqueue_flush(n->queue);
}
