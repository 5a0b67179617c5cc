/* SPDX-License-Identifier: MIT
 *
 * Deadlocks on two spinlocks: the threads never sleep.
 */
#include <pthread.h>

static pthread_spinlock_t first, second;
static pthread_barrier_t both_hold;

static void *take(void *reverse)
{
	pthread_spinlock_t *outer = reverse ? &second : &first, *inner = reverse ? &first : &second;

	pthread_spin_lock(outer);
	pthread_barrier_wait(&both_hold);
	pthread_spin_lock(inner);
	return NULL;
}

int main(void)
{
	pthread_t threads[2];

	pthread_spin_init(&first, PTHREAD_PROCESS_PRIVATE);
	pthread_spin_init(&second, PTHREAD_PROCESS_PRIVATE);
	pthread_barrier_init(&both_hold, NULL, 2);
	pthread_create(&threads[0], NULL, take, NULL);
	pthread_create(&threads[1], NULL, take, &both_hold);
	pthread_join(threads[0], NULL);
	pthread_join(threads[1], NULL);
	return 0;
}
