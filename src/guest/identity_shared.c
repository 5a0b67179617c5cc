/* SPDX-License-Identifier: MIT */
#include "guest/file.h"
#include "guest/identity.h"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/hash.h"
#include "guest/descriptor.h"
#include "guest/module.h"
#include "guest/text.h"

struct lockdag_hash_entry *guest_shared_entry(uint64_t hash)
{
	bool is_new;

	return lockdag_write_set(
		&guest_process.writer, lockdag_session_layout.class_set, hash | 1, &is_new);
}

/* ------------------------------------------------------------------ locks in shared memory */

/* /proc/self/maps, a piece at a time. */
struct shared_maps {
	int fd;
	char buffer[4096];
	long n, at;
};

static int shared_char(struct shared_maps *m)
{
	if (m->at == m->n) {
		m->n = syscall(SYS_read, m->fd, m->buffer, sizeof(m->buffer));
		m->at = 0;
		if (m->n <= 0) {
			m->n = 0;
			return -1;
		}
	}
	return m->buffer[m->at++];
}

/* A number in the given base; *ret_end: the character behind it. */
static uint64_t shared_number(struct shared_maps *m, unsigned base, int *ret_end)
{
	uint64_t n = 0;
	int c;

	for (;; n = n * base + (uint64_t)(c <= '9' ? c - '0' : c - 'a' + 10)) {
		c = shared_char(m);
		if (!(c >= '0' && c <= '9') && !(base == 16 && c >= 'a' && c <= 'f'))
			break;
	}
	*ret_end = c;
	return n;
}

struct shared_mapping {
	uint64_t start, end, offset, major, minor, ino;
	bool shared;
};

/* The next line: "start-end rwxs offset major:minor inode path". */
static bool shared_line(struct shared_maps *m, struct shared_mapping *ret)
{
	int c;

	ret->start = shared_number(m, 16, &c);
	ret->end = shared_number(m, 16, &c);
	for (int i = 0; i < 3; i++)
		shared_char(m);
	ret->shared = shared_char(m) == 's';
	shared_char(m);
	ret->offset = shared_number(m, 16, &c);
	ret->major = shared_number(m, 16, &c);
	ret->minor = shared_number(m, 16, &c);
	ret->ino = shared_number(m, 10, &c);
	while (c >= 0 && c != '\n')
		c = shared_char(m);
	return c >= 0;
}

/* Anonymous shared memory has a file of its own, too. */
uint64_t guest_shared_hash(const void *lock, enum lockdag_lock_type type)
{
	struct shared_maps m = { .n = 0 };
	struct shared_mapping line;
	uint64_t hash = 0, at = (uint64_t)lock;

	if (at >> 47) /* what goes through a pipe, and System V's semaphores: their numbers are known to all */
		return type == LOCKDAG_LOCK_EVENT || type == LOCKDAG_LOCK_SEMAPHORE
			? lockdag_hash_mix(at ^ 0x70697065) | 1
			: 0;
	m.fd = (int)syscall(SYS_openat, AT_FDCWD, "/proc/self/maps", O_RDONLY | O_CLOEXEC, 0);
	if (m.fd < 0)
		return 0;
	while (shared_line(&m, &line)) {
		if (at < line.start || at >= line.end)
			continue;
		if (!line.shared || !line.ino)
			break;
		hash = lockdag_hash_mix((uint64_t)type << 56 ^ line.ino ^ 0x73686d);
		hash = lockdag_hash_mix(hash ^ line.major << 32 ^ line.minor);
		hash = lockdag_hash_mix(hash ^ (line.offset + (at - line.start))) | 1;
		break;
	}
	syscall(SYS_close, m.fd);
	return hash;
}

bool guest_shared_find(uint64_t hash, uint32_t *ret_key, uint64_t *ret_serial)
{
	const struct lockdag_hash_entry *e = guest_shared_entry(hash);
	uint32_t a = e ? lockdag_load_acquire(&e->a) : 0; /* pairs with: guest_shared_keep */

	if (!a)
		return false;
	*ret_key = a - 1;
	*ret_serial = e->b;
	return true;
}

void guest_shared_keep(uint64_t hash, bool init, uint32_t *key, uint64_t *serial)
{
	struct lockdag_hash_entry *e = guest_shared_entry(hash);
	uint32_t a = e ? lockdag_load_relaxed(&e->a) : 0;

	do {
		if (!e)
			return;
		if (!init && a) {
			*key = a - 1;
			*serial = e->b;
			return;
		}
		e->b = (uint32_t)*serial;
	} while (!lockdag_cas_acq_rel(&e->a, &a, *key + 1));
}

/* ------------------------------------------------------------------ files */

static uint64_t shared_file_hash(const struct guest_file *file)
{
	uint64_t hash = lockdag_hash_mix(file->ino ^ 0x66696c65 ^ (uint64_t)file->flock << 40);

	return lockdag_hash_mix(hash ^ file->dev) | 1;
}

static uint64_t shared_path(int fd)
{
	char link[64], path[512];
	ssize_t n;

	guest_format(link, sizeof(link), "/proc/self/fd/%u", (uint64_t)fd);
	n = readlink(link, path, sizeof(path) - 1);
	if (n <= 0)
		return 0;
	path[n] = 0;
	return guest_text(path);
}

static uint32_t shared_file_class(struct lockdag_block *t, const struct guest_file *file, int fd,
	struct guest_site site)
{
	const struct guest_descriptor *d = guest_descriptor(fd);
	struct guest_birth b = {
		.type = LOCKDAG_LOCK_FILE,
		.how = LOCKDAG_CLASS_FIRST,
		.attributes = LOCKDAG_LOCK_SHARED,
		.value = 1,
		.path = shared_path(fd),
		.open_site = d && d->open_ip ? guest_frame(d->open_ip) : 0,
		.flock = file->flock,
		.hash = shared_file_hash(file),
	};

	guest_birth_unwind(t, &b, GUEST_FIRST_FRAMES, site);
	return guest_birth_class(t, NULL, &b);
}

uint32_t guest_file_first(const struct guest_file *file)
{
	const struct lockdag_hash_entry *e = guest_shared_entry(shared_file_hash(file));

	return e ? lockdag_load_acquire(&e->b) : 0; /* pairs with: shared_file_new */
}

/* The variable that the file's path was in when it was opened. */
static uint64_t shared_path_place(int fd)
{
	const struct guest_descriptor *d = guest_descriptor(fd);

	return d && d->path && guest_in_module(d->path) ? guest_frame(d->path) : 0;
}

static void shared_file_new(struct lockdag_block *t, const struct guest_file *file, int fd,
	struct lockdag_session_key *key, uint32_t row, struct guest_site site)
{
	struct lockdag_hash_entry *e = guest_shared_entry(shared_file_hash(file));
	uint32_t head = e ? lockdag_load_relaxed(&e->b) : 0;

	key->class_id = shared_file_class(t, file, fd, site);
	key->process = guest_process.row;
	key->address = (uint64_t)row;
	key->place = shared_path_place(fd);
	key->value = 1;
	lockdag_store_release(&key->state, 1); /* pairs with: lockdag_session_key */
	do
		key->with = head;
	while (e && !lockdag_cas_acq_rel(&e->b, &head, row + 1));
}

bool guest_file_key(struct lockdag_block *t, const struct guest_file *file, int fd, uint64_t first,
	uint64_t last, struct guest_site site, uint32_t *ret_key)
{
	uint64_t hash = lockdag_hash_mix(shared_file_hash(file) ^ first);
	struct lockdag_hash_entry *e = guest_shared_entry(lockdag_hash_mix(hash ^ last));
	struct lockdag_session_key *key;
	uint32_t a = e ? lockdag_load_acquire(&e->a) : 0, row; /* pairs with: below */

	if (!e)
		return false;
	if (!a) {
		if (!guest_busy_begin(t, site.sp))
			return false;
		key = lockdag_write_key(&guest_process.writer, &row);
		if (key) {
			key->first = first;
			key->last = last;
			shared_file_new(t, file, fd, key, row, site);
			/* Another one may be making it, too: then both stand for the range. */
			lockdag_store_release(&e->a, row + 1); /* pairs with: above */
			a = row + 1;
		}
		guest_busy_end(t);
	}
	*ret_key = a - 1;
	if (a && !guest_key_row(a - 1)->place) /* another process had no variable for the path */
		lockdag_store_relaxed(&guest_key_row(a - 1)->place, shared_path_place(fd));
	return a != 0;
}
