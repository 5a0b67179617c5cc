/* SPDX-License-Identifier: MIT */
#include "sync.h"

#include <linux/futex.h>
#include <lockdag/lockdag.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static void must(int err, const char *what)
{
	if (!err)
		return;
	fprintf(stderr, "prime_mmap: %s: %s\n", what, strerror(err));
	exit(1);
}

void mutex_init(struct mutex *lock, const char *name)
{
	must(pthread_mutex_init(&lock->raw, NULL), name);
	lockdag_name(&lock->raw, name);
}

void mutex_lock(struct mutex *lock)
{
	must(pthread_mutex_lock(&lock->raw), "mutex_lock");
}

void mutex_unlock(struct mutex *lock)
{
	must(pthread_mutex_unlock(&lock->raw), "mutex_unlock");
}

void init_rwsem(struct rw_semaphore *sem, const char *name)
{
	pthread_rwlockattr_t attributes;

	must(pthread_rwlockattr_init(&attributes), name);
	must(pthread_rwlockattr_setkind_np(
		     &attributes, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP),
		name);
	must(pthread_rwlock_init(&sem->raw, &attributes), name);
	pthread_rwlockattr_destroy(&attributes);
	lockdag_name(&sem->raw, name);
}

void down_read(struct rw_semaphore *sem)
{
	must(pthread_rwlock_rdlock(&sem->raw), "down_read");
}

void up_read(struct rw_semaphore *sem)
{
	must(pthread_rwlock_unlock(&sem->raw), "up_read");
}

void down_write(struct rw_semaphore *sem)
{
	must(pthread_rwlock_wrlock(&sem->raw), "down_write");
}

void up_write(struct rw_semaphore *sem)
{
	must(pthread_rwlock_unlock(&sem->raw), "up_write");
}

void doze(atomic_uint *count, unsigned seen)
{
	while (atomic_load(count) == seen)
		syscall(SYS_futex, count, FUTEX_WAIT_PRIVATE, seen, NULL, NULL, 0);
}

/* Who dozes may be gone, and count with it, before the second line: then nobody is woken. */
void wake(atomic_uint *count)
{
	atomic_fetch_add(count, 1);
	syscall(SYS_futex, count, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

void init_completion(struct completion *c, const char *name)
{
	atomic_init(&c->done, 0);
	c->name = name;
}

void wait_for_completion(struct completion *c)
{
	lockdag_waiting(c, c->name);
	doze(&c->done, 0);
	lockdag_waited(c);
}

void complete(struct completion *c)
{
	lockdag_signalled(c, c->name);
	wake(&c->done);
}

void init_work(struct work *w, const char *name)
{
	atomic_init(&w->done, 0);
	w->name = name;
}

void work_begin(struct work *w)
{
	lockdag_iteration();
	lockdag_work_begin(w, w->name);
}

void work_end(struct work *w)
{
	lockdag_work_end(w);
	wake(&w->done);
}

void wait_for_work(struct work *w)
{
	lockdag_work_waiting(w, w->name);
	doze(&w->done, 0);
	lockdag_waited(w);
}
