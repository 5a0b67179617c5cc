/* SPDX-License-Identifier: MIT
 *
 * Condition waits as programs linked before 2002 ask for them, beside the ones of today.
 */
#include "hard.h"

extern int old_wait(void *, pthread_mutex_t *);
extern int old_timedwait(void *, pthread_mutex_t *, const struct timespec *);
extern int old_init(void *, const void *);
extern int old_signal(void *);
__asm__(".symver old_wait, pthread_cond_wait@GLIBC_2.2.5");
__asm__(".symver old_timedwait, pthread_cond_timedwait@GLIBC_2.2.5");
__asm__(".symver old_init, pthread_cond_init@GLIBC_2.2.5");
__asm__(".symver old_signal, pthread_cond_signal@GLIBC_2.2.5");

static pthread_mutex_t lock_a = PTHREAD_MUTEX_INITIALIZER, lock_b = PTHREAD_MUTEX_INITIALIZER;
static struct {
	void *only, *canary;
} old;
static pthread_cond_t today = PTHREAD_COND_INITIALIZER;
static int turn;

static void *one(void *arg)
{
	struct timespec past = {1, 0};

	LOCK(&lock_a);
	MUST(old_timedwait(&old.only, &lock_a, &past) == ETIMEDOUT);
	turn = 1;
	while (turn == 1)
		MUST(!old_wait(&old.only, &lock_a));
	LOCK(&lock_b);
	UNLOCK(&lock_b);
	UNLOCK(&lock_a);
	return arg;
}

static void *two(void *arg)
{
	struct timespec soon = deadline(CLOCK_REALTIME, 20);

	nap(60);
	LOCK(&lock_a);
	MUST(turn == 1);
	turn = 2;
	MUST(!old_signal(&old.only));
	UNLOCK(&lock_a);
	nap(60);
	LOCK(&lock_b);
	pthread_cond_timedwait(&today, &lock_b, &soon);
	LOCK(&lock_a);
	UNLOCK(&lock_a);
	UNLOCK(&lock_b);
	return arg;
}

int main(void)
{
	old.canary = &old;
	MUST(!old_init(&old.only, NULL));
	run_two(one, two);
	MUST(old.canary == &old);
	puts("done");
	return 0;
}
