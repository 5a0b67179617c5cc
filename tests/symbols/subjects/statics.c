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
	print_local(argc);
	print_other();
	print_second();
	return 0;
}
