/* SPDX-License-Identifier: MIT
 *
 * Two locks in both orders, by two threads that are there at once, one after the other: latent, and
 * it never hangs by itself. With the argument "hang" they meet, and it does.
 */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

struct account {
	long balance;
	pthread_mutex_t guard;
};

static struct account savings = {0, PTHREAD_MUTEX_INITIALIZER};
static pthread_mutex_t ledger = PTHREAD_MUTEX_INITIALIZER;
static atomic_int first_done, held;
static int meet;

static inline __attribute__((always_inline)) void both(
	pthread_mutex_t *outer, pthread_mutex_t *inner)
{
	pthread_mutex_lock(outer);
	atomic_fetch_add(&held, 1);
	while (meet && atomic_load(&held) < 2)
		sched_yield();
	pthread_mutex_lock(inner);
	pthread_mutex_unlock(inner);
	pthread_mutex_unlock(outer);
}

static void *deposit(void *unused)
{
	both(&savings.guard, &ledger);
	atomic_store(&first_done, 1);
	return unused;
}

static void *audit(void *unused)
{
	while (!meet && !atomic_load(&first_done))
		sched_yield();
	both(&ledger, &savings.guard);
	return unused;
}

int main(int argc, char **argv)
{
	pthread_t threads[2];

	meet = argc > 1 && !strcmp(argv[1], "hang");
	pthread_create(&threads[1], NULL, audit, NULL);
	pthread_create(&threads[0], NULL, deposit, NULL);
	pthread_join(threads[0], NULL);
	pthread_join(threads[1], NULL);
	return 0;
}
