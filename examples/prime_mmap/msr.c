/* SPDX-License-Identifier: MIT */
#include "machine.h"

#include <stdio.h>

static int device_create(const char *name)
{
	return devtmpfs_create_node(name);
}

static int msr_device_create(unsigned cpu)
{
	char name[16];

	snprintf(name, sizeof(name), "msr%u", cpu);
	return device_create(name);
}

int msr_init(void)
{
	return cpuhp_setup_state("x86/msr:online", msr_device_create);
}
