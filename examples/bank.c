/* SPDX-License-Identifier: MIT
 *
 * A small bank with two lock-order inversions that never hang here: each pair of threads happens to
 * run one after the other. It works, its books balance, and it would stop for ever on a busy day.
 *
 *	transfer() locks the payer, then the payee: two transfers between the same two accounts in
 *	opposite directions lock them in both orders.
 *	audit() locks the ledger, then every account; pay_interest() has an account locked when it calls
 *	close_month(), which locks the ledger.
 *
 * `./dev run` shows what lockdag says about it. The cures: lock accounts in the order of their
 * numbers; take the ledger before the account in pay_interest().
 */
#include <pthread.h>
#include <stdio.h>
#include <time.h>

#define N_ACCOUNTS 4

struct account {
	pthread_mutex_t lock;
	long money;
};

static struct account accounts[N_ACCOUNTS] = {
	{ PTHREAD_MUTEX_INITIALIZER, 100 },
	{ PTHREAD_MUTEX_INITIALIZER, 100 },
	{ PTHREAD_MUTEX_INITIALIZER, 100 },
	{ PTHREAD_MUTEX_INITIALIZER, 100 },
};

static pthread_mutex_t ledger_lock = PTHREAD_MUTEX_INITIALIZER;
static long entries;

static void later(int ms)
{
	struct timespec t = { 0, ms * 1000000L };

	nanosleep(&t, NULL);
}

static void transfer(struct account *payer, struct account *payee, long amount)
{
	pthread_mutex_lock(&payer->lock);
	pthread_mutex_lock(&payee->lock);
	payer->money -= amount;
	payee->money += amount;
	pthread_mutex_unlock(&payee->lock);
	pthread_mutex_unlock(&payer->lock);
}

static void *morning(void *unused)
{
	(void)unused;
	transfer(&accounts[0], &accounts[1], 30);
	return NULL;
}

static void *evening(void *unused)
{
	(void)unused;
	later(50);
	transfer(&accounts[1], &accounts[0], 30);
	return NULL;
}

static long audit(void)
{
	long sum = 0;

	pthread_mutex_lock(&ledger_lock);
	for (int i = 0; i < N_ACCOUNTS; i++) {
		pthread_mutex_lock(&accounts[i].lock);
		sum += accounts[i].money;
		pthread_mutex_unlock(&accounts[i].lock);
	}
	entries++;
	pthread_mutex_unlock(&ledger_lock);
	return sum;
}

static void *auditor(void *ret_sum)
{
	later(100);
	*(long *)ret_sum = audit();
	return NULL;
}

static void close_month(void)
{
	pthread_mutex_lock(&ledger_lock);
	entries++;
	pthread_mutex_unlock(&ledger_lock);
}

static void *pay_interest(void *unused)
{
	(void)unused;
	later(150);
	pthread_mutex_lock(&accounts[2].lock);
	accounts[2].money++;
	close_month();
	accounts[2].money--;
	pthread_mutex_unlock(&accounts[2].lock);
	return NULL;
}

int main(void)
{
	static void *(*const work[])(void *) = { morning, evening, auditor, pay_interest };
	static const char *const names[] = { "morning", "evening", "auditor", "interest" };
	pthread_t threads[4];
	long sum = 0;

	for (int i = 0; i < 4; i++) {
		if (pthread_create(&threads[i], NULL, work[i], &sum))
			return 1;
		pthread_setname_np(threads[i], names[i]);
	}
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	printf("bank: %ld entries, the books say %ld\n", entries, sum);
	return 0;
}
