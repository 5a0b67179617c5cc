/* SPDX-License-Identifier: MIT
 *
 * Static locks in C. Prints its load base and, a line each, the address, the name and the class
 * name that symbols must give: `v ADDRESS NAME CLASS`.
 */
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <threads.h>

#include "print.h"

static pthread_mutex_t lock_a = PTHREAD_MUTEX_INITIALIZER;
pthread_rwlock_t rw_table = PTHREAD_RWLOCK_INITIALIZER;
static pthread_spinlock_t spin_rx;
static sem_t sem_token;
static mtx_t mtx_conf;

struct account {
	pthread_mutex_t lock;
	int money;
};
static struct account accounts[3];

typedef struct {
	int n;
	struct {
		char name[5];
		pthread_mutex_t l[2];
	} q;
	union {
		pthread_mutex_t as_mutex;
		long as_long;
	};
} device;
static device devices[2][3];
static int counter;

/* What is waited for and no lock: the path ends there all the same. GLib's are laid out as its
 * headers do; these tests need none of them. */
typedef union _GMutex GMutex;
typedef struct _GCond GCond;
typedef struct _GRWLock GRWLock;
union _GMutex {
	void *p;
	unsigned i[2];
};
struct _GCond {
	void *p;
	unsigned i[2];
};
struct _GRWLock {
	void *p;
	unsigned i[2];
};

static struct waitables {
	int n;
	once_flag w_once;
	pthread_once_t w_ponce;
	pthread_cond_t w_cond;
	cnd_t w_cnd;
	sem_t w_sem;
	pthread_barrier_t w_barrier;
	GMutex w_gmutex;
	GCond w_gcond;
	struct _GCond w_gcond_tag;
	GRWLock w_grwlock;
} waits;
static once_flag once_conf = ONCE_FLAG_INIT;
static pthread_once_t once_p = PTHREAD_ONCE_INIT;
static pthread_cond_t cond_p;
static cnd_t cond_c;
static pthread_barrier_t barrier_p;
static GCond cond_g;
static GRWLock rw_g;

/* People say `bus_idle` of what is waited for; the mutex has its own name. */
struct completion {
	pthread_mutex_t m;
	pthread_cond_t c;
	int done;
};
typedef struct {
	sem_t posted;
} power_event_t;
struct event_queue {
	pthread_cond_t not_empty;
	pthread_mutex_t m;
};
struct two_latch {
	pthread_cond_t in, out;
};
static struct completion bus_idle, slots_idle[2];
static power_event_t power;
static struct event_queue events;
static struct two_latch doors;
static struct {
	int n;
	struct completion ready;
} bus;

static void print_completions(void)
{
	print_variable(&bus_idle.c, "bus_idle", NULL);
	print_variable(&bus_idle.m, "bus_idle.m", NULL);
	print_variable(&slots_idle[1].c, "slots_idle[1]", "slots_idle[]");
	print_variable(&bus.ready.c, "bus.ready", NULL);
	print_variable(&bus.ready.m, "bus.ready.m", NULL);
	print_variable(&power.posted, "power", NULL);
	print_variable(&events.not_empty, "events.not_empty", NULL);
	print_variable(&doors.out, "doors.out", NULL);
}

static void print_waitables(void)
{
	print_completions();
	print_variable(&once_conf, "once_conf", NULL);
	print_variable((const void *)&once_p, "once_p", NULL);
	print_variable(&cond_p, "cond_p", NULL);
	print_variable((const char *)&cond_p + 4, "cond_p", NULL);
	print_variable(&cond_c, "cond_c", NULL);
	print_variable(&barrier_p, "barrier_p", NULL);
	print_variable(&cond_g, "cond_g", NULL);
	print_variable(&rw_g, "rw_g", NULL);
	print_variable(&waits.w_once, "waits.w_once", NULL);
	print_variable((const void *)&waits.w_ponce, "waits.w_ponce", NULL);
	print_variable(&waits.w_cond, "waits.w_cond", NULL);
	print_variable(&waits.w_cnd, "waits.w_cnd", NULL);
	print_variable(&waits.w_sem, "waits.w_sem", NULL);
	print_variable(&waits.w_barrier, "waits.w_barrier", NULL);
	print_variable(&waits.w_gmutex, "waits.w_gmutex", NULL);
	print_variable(&waits.w_gcond, "waits.w_gcond", NULL);
	print_variable(&waits.w_gcond_tag, "waits.w_gcond_tag", NULL);
	print_variable(&waits.w_grwlock, "waits.w_grwlock", NULL);
}

static void print_local(int which)
{
	static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;

	print_variable(&m, "print_local::m", NULL);
	if (which) {
		static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;

		print_variable(&m, "print_local::m#2", NULL);
	}
}

static void print_other(void)
{
	static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;

	print_variable(&m, "print_other::m", NULL);
}

extern void print_second(void);

int main(int argc, char **argv)
{
	(void)argv;
	print_base();
	print_variable(&lock_a, "lock_a", NULL);
	print_variable(&rw_table, "rw_table", NULL);
	print_variable((void *)&spin_rx, "spin_rx", NULL);
	print_variable(&sem_token, "sem_token", NULL);
	print_variable(&mtx_conf, "mtx_conf", NULL);
	print_variable(&accounts[0].lock, "accounts[0].lock", "accounts[].lock");
	print_variable(&accounts[2].lock, "accounts[2].lock", "accounts[].lock");
	print_variable(&accounts[2].money, "accounts[2].money", "accounts[].money");
	print_variable(&devices[1][2].q.l[1], "devices[1][2].q.l[1]", "devices[][].q.l[]");
	print_variable(&devices[0][1].as_mutex, "devices[0][1].as_mutex", "devices[][].as_mutex");
	print_variable(&counter, "counter", NULL);
	print_waitables();
	print_local(argc);
	print_other();
	print_second();
	return 0;
}
