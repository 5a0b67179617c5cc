/* SPDX-License-Identifier: MIT */
#include "wrapped.h"

void header_use_second(void)
{
	header_use();
}

pthread_mutex_t *header_second(void)
{
	return &header_lock;
}
