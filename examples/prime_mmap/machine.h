/* SPDX-License-Identifier: MIT
 *
 * The parts of the machine, and what each may be asked for.
 *
 *	cpuhp.c		the CPUs: a lock for who needs them as they are, states that somebody sets
 *			up, and the thread that runs the states' callbacks
 *	msr.c		a driver with one device a CPU: its callback makes the device's node
 *	devtmpfs.c	the thread that makes nodes, one request after the other
 *	dir.c		a directory in memory; reading it copies to the user
 *	mm.c		a process's memory; touching it may fault
 *	workqueue.c	work queues, whose attributes depend on the CPUs
 *	userptr.c	the driver that watches a process's memory: the one that was patched
 *	main.c		who does what, and in which turn
 */
#ifndef PRIME_MMAP_MACHINE_H
#define PRIME_MMAP_MACHINE_H

#include <stddef.h>

#include "sync.h"

/* ------------------------------------------------------------------ cpuhp.c */

typedef int (*cpuhp_callback)(unsigned cpu);

void cpuhp_init(void);
void cpuhp_exit(void);
/* The CPUs stay as they are until cpus_read_unlock(). */
void cpus_read_lock(void);
void cpus_read_unlock(void);
/* A CPU comes: alone with the CPUs. */
void cpu_up(void);
unsigned cpus_online(void);
/* startup runs on the hotplug thread, for each CPU; NULL: there is nothing to run yet. Returns
 * what it returned. */
int cpuhp_setup_state(const char *name, cpuhp_callback startup);

/* ------------------------------------------------------------------ msr.c */

int msr_init(void);

/* ------------------------------------------------------------------ devtmpfs.c, dir.c, mm.c */

struct inode {
	struct rw_semaphore i_rwsem;
	char names[8][16];
	size_t n_names;
};

struct mm {
	struct rw_semaphore mmap_sem;
	char memory[4][4096];
	bool present[4];
	struct notifier *notifier;
	size_t n_faults;
};

void devtmpfs_init(struct inode *root);
void devtmpfs_exit(void);
/* Returns when the node is there: 0 or a negative errno. */
int devtmpfs_create_node(const char *name);

void inode_init(struct inode *dir);
/* dir is locked for writing. */
int inode_add(struct inode *dir, const char *name);
/* The names, each with its zero byte, to the user's address. Returns how many bytes. */
int getdents(struct inode *dir, struct mm *mm, size_t address, size_t size);

void mm_init(struct mm *mm);
int copy_to_user(struct mm *mm, size_t address, const void *from, size_t size);

/* ------------------------------------------------------------------ workqueue.c, userptr.c */

struct workqueue;

struct workqueue *alloc_workqueue(const char *name);
void destroy_workqueue(struct workqueue *queue);

enum userptr_order {
	USERPTR_BEFORE, /* the patch: the queue is allocated under both locks */
	USERPTR_AFTER   /* the queue is there before any lock is taken */
};

struct userptr_device {
	struct mutex mm_lock;
	enum userptr_order order;
};

void userptr_device_init(struct userptr_device *dev, enum userptr_order order);
/* Makes an object of the process's memory; the first one makes the process's notifier. */
int userptr_ioctl(struct userptr_device *dev, struct mm *mm);
void userptr_release(struct mm *mm);

/* ------------------------------------------------------------------ main.c */

/* Names itself, as it is to stand in reports: from outside it may be too late. */
pthread_t thread_run(void *(*routine)(void *), void *argument);

#endif
