/* SPDX-License-Identifier: MIT
 *
 * A test that passes: two threads, one after the other's work, take two locks in opposite orders.
 */
#include <pthread.h>
#include <unistd.h>

static pthread_mutex_t accounts = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t journal = PTHREAD_MUTEX_INITIALIZER;

static void *deposit(void *unused)
{
	(void)unused;
	pthread_mutex_lock(&accounts);
	pthread_mutex_lock(&journal);
	pthread_mutex_unlock(&journal);
	pthread_mutex_unlock(&accounts);
	return NULL;
}

static void *audit(void *unused)
{
	(void)unused;
	usleep(100000);
	pthread_mutex_lock(&journal);
	pthread_mutex_lock(&accounts);
	pthread_mutex_unlock(&accounts);
	pthread_mutex_unlock(&journal);
	return NULL;
}

int main(void)
{
	pthread_t one, two;

	if (pthread_create(&one, NULL, deposit, NULL) || pthread_create(&two, NULL, audit, NULL))
		return 2;
	pthread_join(one, NULL);
	pthread_join(two, NULL);
	return 0;
}
