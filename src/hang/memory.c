/* SPDX-License-Identifier: MIT */
#include "internal.h"

#include <fcntl.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#define MEMORY_PAGE 4096u

const struct hang_region *hang_region(const struct hang_process *p, uint64_t address)
{
	size_t low = 0, high = p->regions.n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (p->regions.items[middle].end <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low < p->regions.n && p->regions.items[low].start <= address ? &p->regions.items[low]
									    : NULL;
}

/* What a core file leaves out since the program's own files have it. */
static size_t memory_read_file(
	const struct hang_process *p, uint64_t address, void *buffer, size_t n)
{
	const struct hang_region *r = hang_region(p, address);
	ssize_t got = -1;
	int fd;

	if (!r || !r->path || r->write)
		return 0;
	if (n > r->end - address)
		n = r->end - address;
	fd = open(r->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return 0;
	got = pread(fd, buffer, n, (off_t)(r->offset + (address - r->start)));
	close(fd);
	return got > 0 ? (size_t)got : 0;
}

static size_t memory_read_live(int pid, uint64_t address, void *buffer, size_t n)
{
	struct iovec to = {buffer, n}, from = {(void *)(uintptr_t)address, n};
	ssize_t got = process_vm_readv(pid, &to, 1, &from, 1, 0);
	size_t first = MEMORY_PAGE - address % MEMORY_PAGE;

	if (got < 0 && first < n) { /* at least what is on the first page */
		to.iov_len = from.iov_len = first;
		got = process_vm_readv(pid, &to, 1, &from, 1, 0);
	}
	return got > 0 ? (size_t)got : 0;
}

size_t hang_read_some(const struct hang_process *p, uint64_t address, void *buffer, size_t n)
{
	size_t got;

	if (address + n < address)
		return 0;
	if (!p->core)
		return p->permitted ? memory_read_live(p->reader, address, buffer, n) : 0;
	got = hang_core_read(p->core, address, buffer, n);
	return got ? got : memory_read_file(p, address, buffer, n);
}

bool hang_read(const struct hang_process *p, uint64_t address, void *buffer, size_t n)
{
	size_t got = 0;

	while (got < n) {
		size_t more =
			hang_read_some(p, address + got, (unsigned char *)buffer + got, n - got);

		if (!more)
			return false;
		got += more;
	}
	return true;
}

bool hang_read_u32(const struct hang_process *p, uint64_t address, uint32_t *ret)
{
	return hang_read(p, address, ret, sizeof(*ret));
}

bool hang_read_u64(const struct hang_process *p, uint64_t address, uint64_t *ret)
{
	return hang_read(p, address, ret, sizeof(*ret));
}
