/* SPDX-License-Identifier: MIT
 *
 * The machine's locks: pthread locks with the names that their classes have in the kernel, and two
 * things of its own, which lockdag knows by its API alone: completions and pieces of work.
 */
#ifndef PRIME_MMAP_SYNC_H
#define PRIME_MMAP_SYNC_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

struct mutex {
	pthread_mutex_t raw;
};

void mutex_init(struct mutex *lock, const char *name);
void mutex_lock(struct mutex *lock);
void mutex_unlock(struct mutex *lock);

/* Readers wait behind a queued writer, as they do in the kernel: a default pthread rwlock lets them
 * pass, and then two readers could not block each other. */
struct rw_semaphore {
	pthread_rwlock_t raw;
};

void init_rwsem(struct rw_semaphore *sem, const char *name);
void down_read(struct rw_semaphore *sem);
void up_read(struct rw_semaphore *sem);
void down_write(struct rw_semaphore *sem);
void up_write(struct rw_semaphore *sem);

/* A place to sleep at, with no meaning of its own: like wake_up_process(), it is told to nobody.
 * doze() returns once *count is not seen. */
void doze(atomic_uint *count, unsigned seen);
void wake(atomic_uint *count);

/* Somebody waits for what somebody else does once. */
struct completion {
	atomic_uint done;
	const char *name;
};

void init_completion(struct completion *c, const char *name);
void wait_for_completion(struct completion *c);
void complete(struct completion *c);

/* What one thread asks for and another one runs. Whoever runs it holds it as if it were a lock;
 * whoever waits for its end asks for that lock. */
struct work {
	atomic_uint done;
	const char *name;
};

void init_work(struct work *w, const char *name);
void work_begin(struct work *w);
void work_end(struct work *w);
void wait_for_work(struct work *w);

#endif
