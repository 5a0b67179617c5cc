/* SPDX-License-Identifier: MIT
 *
 * A C library that Python calls: cc -g -shared -fPIC -o liblocks.so locks.c
 */
#include <pthread.h>

static pthread_mutex_t accounts = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t journal = PTHREAD_MUTEX_INITIALIZER;

void deposit(void);
void audit(void);

void deposit(void)
{
	pthread_mutex_lock(&accounts);
	pthread_mutex_lock(&journal);
	pthread_mutex_unlock(&journal);
	pthread_mutex_unlock(&accounts);
}

void audit(void)
{
	pthread_mutex_lock(&journal);
	pthread_mutex_lock(&accounts);
	pthread_mutex_unlock(&accounts);
	pthread_mutex_unlock(&journal);
}
