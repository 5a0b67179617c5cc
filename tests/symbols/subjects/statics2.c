/* SPDX-License-Identifier: MIT
 *
 * The second file of statics: its lock_a is another one, and its key must say so.
 */
#include <pthread.h>

#include "print.h"

static pthread_mutex_t lock_a = PTHREAD_MUTEX_INITIALIZER;

void print_second(void);
void print_second(void)
{
	print_variable(&lock_a, "lock_a", NULL);
	print_key(&lock_a, "statics2.c:lock_a");
}
