/* SPDX-License-Identifier: MIT
 *
 * A static lock in a header that two files include: two locks with one name.
 */
#ifndef WRAPPED_H
#define WRAPPED_H

#include <pthread.h>

#define LOCKS 13

static pthread_mutex_t header_lock = PTHREAD_MUTEX_INITIALIZER;

static inline void header_use(void)
{
	pthread_mutex_lock(&header_lock);
	pthread_mutex_unlock(&header_lock);
}

void header_use_second(void);
pthread_mutex_t *header_second(void);

#endif
