/* SPDX-License-Identifier: MIT
 *
 * Mutexes of all kinds, and processes that share them. argument: WAY
 */
#include "hard.h"

static pthread_mutex_t lock_a = PTHREAD_MUTEX_INITIALIZER, lock_b = PTHREAD_MUTEX_INITIALIZER;

static void make(pthread_mutex_t *m, int type, bool shared, bool robust, bool inherit)
{
	pthread_mutexattr_t a;

	MUST(!pthread_mutexattr_init(&a) && !pthread_mutexattr_settype(&a, type));
	if (shared)
		MUST(!pthread_mutexattr_setpshared(&a, PTHREAD_PROCESS_SHARED));
	if (robust)
		MUST(!pthread_mutexattr_setrobust(&a, PTHREAD_MUTEX_ROBUST));
	if (inherit)
		MUST(!pthread_mutexattr_setprotocol(&a, PTHREAD_PRIO_INHERIT));
	MUST(!pthread_mutex_init(m, &a));
}

static pthread_mutex_t *shared_pair(bool robust)
{
	pthread_mutex_t *m =
		mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	MUST(m != MAP_FAILED);
	make(&m[0], PTHREAD_MUTEX_NORMAL, true, robust, false);
	make(&m[1], PTHREAD_MUTEX_NORMAL, true, robust, false);
	return m;
}

static void *dies_holding(void *m)
{
	LOCK((pthread_mutex_t *)m);
	return NULL;
}

/* EOWNERDEAD comes with the lock: it is held, and orders. */
static void owner_dead(void)
{
	pthread_mutex_t *m = shared_pair(true);
	pthread_t t;

	MUST(!pthread_create(&t, NULL, dies_holding, &m[0]));
	pthread_join(t, NULL);
	MUST(!pthread_create(&t, NULL, abba_second, &(struct abba){&m[0], &m[1]}));
	MUST(pthread_mutex_lock(&m[0]) == EOWNERDEAD);
	MUST(!pthread_mutex_consistent(&m[0]));
	LOCK(&m[1]);
	UNLOCK(&m[1]);
	UNLOCK(&m[0]);
	pthread_join(t, NULL);
}

static void shared_between(bool invert)
{
	pthread_mutex_t *m = shared_pair(false);
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		nest(&m[0], &m[1]);
		nap(120);
		_exit(0);
	}
	nap(60);
	invert ? nest(&m[1], &m[0]) : nest(&m[0], &m[1]);
	MUST(waitpid(pid, &status, 0) == pid && status == 0);
}

static void relocks(void)
{
	pthread_mutex_t check, recursive, adaptive;

	make(&check, PTHREAD_MUTEX_ERRORCHECK, false, false, false);
	make(&recursive, PTHREAD_MUTEX_RECURSIVE, false, false, false);
	make(&adaptive, PTHREAD_MUTEX_ADAPTIVE_NP, false, false, false);
	for (int i = 0; i < 70000; i++)
		LOCK(&recursive);
	LOCK(&adaptive);
	MUST(pthread_mutex_trylock(&adaptive) == EBUSY);
	for (int i = 0; i < 70000; i++)
		UNLOCK(&recursive);
	/* recursive is free now: the other order is none of adaptive -> recursive while held */
	UNLOCK(&adaptive);
	MUST(pthread_mutex_unlock(&check) == EPERM);
	MUST(pthread_mutex_unlock(&recursive) == EPERM);
	abab(&check, &adaptive);
	abba(&lock_a, &lock_b);
}

static void relock_checked(void)
{
	pthread_mutex_t check;

	make(&check, PTHREAD_MUTEX_ERRORCHECK, false, false, false);
	LOCK(&check);
	MUST(pthread_mutex_lock(&check) == EDEADLK);
	UNLOCK(&check);
	abba(&lock_a, &lock_b);
}

static void inherits(void)
{
	make(&lock_a, PTHREAD_MUTEX_NORMAL, false, false, true);
	make(&lock_b, PTHREAD_MUTEX_NORMAL, false, true, true);
	abba(&lock_a, &lock_b);
}

static void *locks_on(void *arg)
{
	for (;;)
		nest(&lock_a, &lock_b);
	return arg;
}

/* Ended from outside while it records: prints when there is something to lose. */
static void until_killed(void)
{
	pthread_t t;

	abba(&lock_a, &lock_b);
	MUST(!pthread_create(&t, NULL, locks_on, NULL));
	MUST(write(1, "now\n", 4) == 4);
	for (;;) {
		pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;

		nest(&lock_a, &m);
	}
}

int main(int argc, char **argv)
{
	const char *way = argv[1];

	if (!strcmp(way, "dead"))
		owner_dead();
	else if (!strcmp(way, "shared") || !strcmp(way, "shared-invert"))
		shared_between(way[6]);
	else if (!strcmp(way, "relocks"))
		relocks();
	else if (!strcmp(way, "relock-checked"))
		relock_checked();
	else if (!strcmp(way, "inherit"))
		inherits();
	else if (!strcmp(way, "killed"))
		until_killed();
	else if (!strcmp(way, "plain"))
		abba(&lock_a, &lock_b);
	else
		MUST(!"a way");
	puts("done");
	return 0;
}
