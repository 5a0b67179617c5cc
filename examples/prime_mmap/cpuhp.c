/* SPDX-License-Identifier: MIT */
#include "machine.h"

#include <errno.h>

#define N_CPUS 2

static struct rw_semaphore cpu_hotplug_lock;
static struct mutex cpuhp_state_mutex;
static unsigned n_online = 1;

/* One callback at a time: cpuhp_state_mutex keeps the next issuer out. */
static struct {
	struct work work;
	cpuhp_callback callback;
	unsigned cpu;
	int result;
	atomic_uint issued;
	bool stopping;
	pthread_t thread;
} cpuhp;

void cpus_read_lock(void)
{
	down_read(&cpu_hotplug_lock);
}

void cpus_read_unlock(void)
{
	up_read(&cpu_hotplug_lock);
}

unsigned cpus_online(void)
{
	return n_online;
}

void cpu_up(void)
{
	down_write(&cpu_hotplug_lock);
	if (n_online < N_CPUS)
		n_online++;
	up_write(&cpu_hotplug_lock);
}

static void cpuhp_invoke_callback(void)
{
	cpuhp.result = cpuhp.callback(cpuhp.cpu);
}

static void *cpuhp_thread_fun(void *unused)
{
	pthread_setname_np(pthread_self(), "cpuhp/0");
	for (unsigned seen = 0;; seen++) {
		doze(&cpuhp.issued, seen);
		if (cpuhp.stopping)
			return unused;
		work_begin(&cpuhp.work);
		cpuhp_invoke_callback();
		work_end(&cpuhp.work);
	}
}

static int cpuhp_issue_call(unsigned cpu, cpuhp_callback callback)
{
	cpuhp.cpu = cpu;
	cpuhp.callback = callback;
	init_work(&cpuhp.work, "cpuhp_state");
	wake(&cpuhp.issued);
	wait_for_work(&cpuhp.work);
	return cpuhp.result;
}

static int cpuhp_setup_state_cpuslocked(cpuhp_callback startup)
{
	int err = 0;

	mutex_lock(&cpuhp_state_mutex);
	for (unsigned cpu = 0; startup && !err && cpu < n_online; cpu++)
		err = cpuhp_issue_call(cpu, startup);
	mutex_unlock(&cpuhp_state_mutex);
	return err;
}

int cpuhp_setup_state(const char *name, cpuhp_callback startup)
{
	int err;

	if (!name)
		return -EINVAL;
	cpus_read_lock();
	err = cpuhp_setup_state_cpuslocked(startup);
	cpus_read_unlock();
	return err;
}

void cpuhp_init(void)
{
	init_rwsem(&cpu_hotplug_lock, "cpu_hotplug_lock.rw_sem");
	mutex_init(&cpuhp_state_mutex, "cpuhp_state_mutex");
	cpuhp.thread = thread_run(cpuhp_thread_fun, NULL);
}

void cpuhp_exit(void)
{
	cpuhp.stopping = true;
	wake(&cpuhp.issued);
	pthread_join(cpuhp.thread, NULL);
}
