/* SPDX-License-Identifier: MIT
 *
 * Two tests in one program; each takes both locks in a thread of its own.
 */
#include <pthread.h>
#include <stdio.h>
#include <string.h>

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
	pthread_mutex_lock(&journal);
	pthread_mutex_lock(&accounts);
	pthread_mutex_unlock(&accounts);
	pthread_mutex_unlock(&journal);
	return NULL;
}

int main(int argc, char **argv)
{
	pthread_t thread;

	if (argc != 2)
		return 2;
	if (pthread_create(&thread, NULL, strcmp(argv[1], "audit") ? deposit : audit, NULL))
		return 2;
	pthread_join(thread, NULL);
	puts("ok");
	return 0;
}
