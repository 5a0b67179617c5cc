/* SPDX-License-Identifier: MIT
 *
 * OpenMP's locks as locks that lockdag knows, for gcc's runtime (libgomp), which sleeps in the kernel by itself.
 * Linked into a program, these functions come before the runtime's, say what happens and call them; no
 * line of the program changes. Critical sections and locks that are static are called by their variables.
 *
 * The threads of two parallel regions are the runtime's own and live on between them: lockdag does not
 * know that one region is over before the next begins.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* RTLD_NEXT */
#endif
#include <dlfcn.h>
#include <lockdag/lockdag.h>
#include <omp.h>

void GOMP_critical_start(void);
void GOMP_critical_end(void);
void GOMP_critical_name_start(void **section);
void GOMP_critical_name_end(void **section);

/* The runtime's own, found before any lock is taken. */
static struct {
	void (*critical_start)(void);
	void (*critical_end)(void);
	void (*name_start)(void **section);
	void (*name_end)(void **section);
	void (*set)(omp_lock_t *lock);
	int (*test)(omp_lock_t *lock);
	void (*unset)(omp_lock_t *lock);
	void (*destroy)(omp_lock_t *lock);
} real;

__attribute__((constructor)) static void find_real(void)
{
	*(void **)&real.critical_start = dlsym(RTLD_NEXT, "GOMP_critical_start");
	*(void **)&real.critical_end = dlsym(RTLD_NEXT, "GOMP_critical_end");
	*(void **)&real.name_start = dlsym(RTLD_NEXT, "GOMP_critical_name_start");
	*(void **)&real.name_end = dlsym(RTLD_NEXT, "GOMP_critical_name_end");
	*(void **)&real.set = dlsym(RTLD_NEXT, "omp_set_lock");
	*(void **)&real.test = dlsym(RTLD_NEXT, "omp_test_lock");
	*(void **)&real.unset = dlsym(RTLD_NEXT, "omp_unset_lock");
	*(void **)&real.destroy = dlsym(RTLD_NEXT, "omp_destroy_lock");
}

static char unnamed; /* stands for the one critical section without a name */

void GOMP_critical_start(void)
{
	lockdag_acquiring(&unnamed, "omp critical", LOCKDAG_WRITE);
	real.critical_start();
	lockdag_acquired(&unnamed, "omp critical", LOCKDAG_WRITE);
}

void GOMP_critical_end(void)
{
	lockdag_released(&unnamed);
	real.critical_end();
}

void GOMP_critical_name_start(void **section)
{
	lockdag_acquiring(section, (const char *)0, LOCKDAG_WRITE);
	real.name_start(section);
	lockdag_acquired(section, (const char *)0, LOCKDAG_WRITE);
}

void GOMP_critical_name_end(void **section)
{
	lockdag_released(section);
	real.name_end(section);
}

void omp_set_lock(omp_lock_t *lock)
{
	lockdag_acquiring(lock, (const char *)0, LOCKDAG_WRITE);
	real.set(lock);
	lockdag_acquired(lock, (const char *)0, LOCKDAG_WRITE);
}

int omp_test_lock(omp_lock_t *lock)
{
	int got = real.test(lock);

	if (got)
		lockdag_acquired(lock, (const char *)0, LOCKDAG_WRITE);
	return got;
}

void omp_unset_lock(omp_lock_t *lock)
{
	lockdag_released(lock);
	real.unset(lock);
}

void omp_destroy_lock(omp_lock_t *lock)
{
	lockdag_destroyed(lock);
	real.destroy(lock);
}
