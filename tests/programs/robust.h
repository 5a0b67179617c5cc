/* SPDX-License-Identifier: MIT
 *
 * A robust mutex whose owner dies, after a writer has used it and before an heir gets it.
 */
#ifndef ROBUST_H
#define ROBUST_H

#include "meet.h"

static pthread_mutex_t rob_state;
static int written;

static void *robust_victim(void *arg)
{
	await(&written);
	pthread_mutex_lock(&rob_state);
	return arg;
}

static int robust_run(void *(*writer)(void *), void *(*heir)(void *))
{
	pthread_mutexattr_t attr;
	pthread_t w, v, h;

	pthread_mutexattr_init(&attr);
	pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
	pthread_mutex_init(&rob_state, &attr);
	pthread_mutexattr_destroy(&attr);
	pthread_create(&w, NULL, writer, NULL);
	pthread_create(&v, NULL, robust_victim, NULL);
	pthread_join(v, NULL);
	pthread_create(&h, NULL, heir, NULL);
	pthread_join(w, NULL);
	pthread_join(h, NULL);
	return 0;
}

#endif
