/* SPDX-License-Identifier: MIT
 *
 * errno after each hook is what it was before; and no hook allocates: malloc of this program ends
 * it while `quiet` is set. First and later acquisitions of each kind of lock, in nests.
 */
#include "hard.h"

#include <semaphore.h>
#include <threads.h>

extern void *__libc_malloc(size_t), *__libc_calloc(size_t, size_t), *__libc_realloc(void *, size_t);
extern void __libc_free(void *);
static __thread int quiet;

static void allocated(const char *what)
{
	if (quiet) {
		dprintf(2, "%s in a hook\n", what);
		_exit(98);
	}
}

void *malloc(size_t n)
{
	allocated("malloc");
	return __libc_malloc(n);
}

void *calloc(size_t a, size_t b)
{
	allocated("calloc");
	return __libc_calloc(a, b);
}

void *realloc(void *p, size_t n)
{
	allocated("realloc");
	return __libc_realloc(p, n);
}

void free(void *p)
{
	allocated("free");
	__libc_free(p);
}

#define KEEPS(call)                                                                                \
	do {                                                                                       \
		errno = 77;                                                                        \
		quiet++;                                                                           \
		MUST((call) == 0);                                                                 \
		quiet--;                                                                           \
		MUST(errno == 77);                                                                 \
	} while (0)

static pthread_mutex_t outer = PTHREAD_MUTEX_INITIALIZER;

static void mutexes(pthread_mutex_t *m, pthread_rwlock_t *rw, pthread_spinlock_t *s)
{
	struct timespec soon = deadline(CLOCK_REALTIME, 500), mono = deadline(CLOCK_MONOTONIC, 500);

	KEEPS(pthread_mutex_init(m, NULL));
	KEEPS(pthread_rwlock_init(rw, NULL));
	KEEPS(pthread_spin_init(s, 0));
	KEEPS(pthread_mutex_lock(m));
	KEEPS(pthread_rwlock_rdlock(rw));
	KEEPS(pthread_spin_lock(s));
	KEEPS(pthread_mutex_unlock(m));
	KEEPS(pthread_rwlock_unlock(rw));
	KEEPS(pthread_spin_unlock(s));
	KEEPS(pthread_mutex_trylock(m));
	KEEPS(pthread_rwlock_trywrlock(rw));
	KEEPS(pthread_spin_trylock(s));
	KEEPS(pthread_spin_unlock(s));
	KEEPS(pthread_rwlock_unlock(rw));
	KEEPS(pthread_mutex_unlock(m));
	KEEPS(pthread_mutex_timedlock(m, &soon));
	KEEPS(pthread_mutex_unlock(m));
	KEEPS(pthread_mutex_clocklock(m, CLOCK_MONOTONIC, &mono));
	KEEPS(pthread_rwlock_timedrdlock(rw, &soon));
	KEEPS(pthread_rwlock_unlock(rw));
	KEEPS(pthread_rwlock_timedwrlock(rw, &soon));
	KEEPS(pthread_rwlock_unlock(rw));
	KEEPS(pthread_mutex_unlock(m));
	KEEPS(pthread_spin_destroy(s));
	KEEPS(pthread_rwlock_destroy(rw));
	KEEPS(pthread_mutex_destroy(m));
}

static void others(sem_t *s, mtx_t *m, pthread_cond_t *c)
{
	struct timespec past = {1, 0};
	int held = 0;

	KEEPS(sem_init(s, 0, 1));
	KEEPS(sem_wait(s));
	KEEPS(mtx_init(m, mtx_plain));
	KEEPS(mtx_lock(m));
	KEEPS(mtx_unlock(m));
	KEEPS(mtx_trylock(m));
	KEEPS(mtx_unlock(m));
	KEEPS(sem_post(s));
	KEEPS(sem_trywait(s));
	KEEPS(sem_post(s));
	KEEPS(pthread_mutex_lock(&outer));
	errno = 77;
	quiet++;
	held = pthread_cond_timedwait(c, &outer, &past);
	quiet--;
	MUST(held == ETIMEDOUT && errno == 77);
	KEEPS(pthread_mutex_unlock(&outer));
	KEEPS(sem_destroy(s));
}

static void *all(void *arg)
{
	pthread_mutex_t *m = malloc(64 * sizeof(*m));
	pthread_rwlock_t *rw = malloc(64 * sizeof(*rw));
	pthread_spinlock_t s;
	pthread_cond_t c = PTHREAD_COND_INITIALIZER;
	sem_t sem;
	mtx_t mtx;

	for (int i = 0; i < 64; i++) {
		KEEPS(pthread_mutex_lock(&outer));
		mutexes(&m[i], &rw[i], &s);
		KEEPS(pthread_mutex_unlock(&outer));
		others(&sem, &mtx, &c);
	}
	free(m);
	free(rw);
	return arg;
}

int main(void)
{
	pthread_t t;

	all(NULL);
	MUST(!pthread_create(&t, NULL, all, NULL));
	errno = 77;
	MUST(!pthread_join(t, NULL) && errno == 77);
	puts("kept");
	return 0;
}
