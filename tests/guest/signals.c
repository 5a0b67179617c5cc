/* SPDX-License-Identifier: MIT
 *
 * Signal handlers at any point. arguments: storm|jump|altstack [abba]
 *
 *   storm     a handler that tries and takes locks of its own and posts a semaphore, all the time
 *             while the main code nests mutexes of which many are new
 *   jump      a handler that jumps out of whatever it interrupted
 *   altstack  as storm, on another stack with forbidden pages around
 *   local     as storm, on a stack that lies in main's own frame, above what it interrupts
 */
#include "hard.h"

static pthread_mutex_t lock_a = PTHREAD_MUTEX_INITIALIZER, lock_b = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t in_handler = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t below = PTHREAD_MUTEX_INITIALIZER;
static sem_t posted;
static volatile sig_atomic_t n_signals;
static sigjmp_buf out;
static volatile sig_atomic_t may_jump;

static void on_alarm(int signal)
{
	int saved = errno;

	(void)signal;
	n_signals++;
	errno = 55;
	if (pthread_mutex_trylock(&in_handler) == 0) {
		MUST(pthread_mutex_trylock(&below) == 0);
		MUST(sem_post(&posted) == 0);
		UNLOCK(&below);
		UNLOCK(&in_handler);
	}
	LOCK(&in_handler);
	UNLOCK(&in_handler);
	MUST(errno == 55);
	errno = saved;
}

static void on_alarm_jump(int signal)
{
	n_signals++;
	if (may_jump) {
		may_jump = 0;
		siglongjmp(out, 1);
	}
}

static void every(int microseconds, void (*handler)(int), int flags)
{
	struct sigaction action = {.sa_handler = handler, .sa_flags = flags};
	struct itimerval t = {{0, microseconds}, {0, microseconds}};

	MUST(!sigaction(SIGALRM, &action, NULL));
	MUST(!setitimer(ITIMER_REAL, &t, NULL));
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* New locks all the time: births and records under fire. */
static void churn(double seconds)
{
	double end = now() + seconds;
	unsigned i = 0;

	while (now() < end) {
		pthread_mutex_t *m = malloc(24 * sizeof(*m));

		for (int k = 0; k < 24; k++)
			MUST(!pthread_mutex_init(&m[k], NULL));
		LOCK(&lock_a);
		for (int k = 0; k < 24; k++)
			LOCK(&m[(unsigned)k ^ (i & 7)]);
		for (int k = 23; k >= 0; k--)
			UNLOCK(&m[k]);
		UNLOCK(&lock_a);
		for (int k = 0; k < 24; k++)
			MUST(!pthread_mutex_destroy(&m[k]));
		free(m);
		i++;
	}
}

static __attribute__((noinline)) void work(int depth)
{
	volatile char room[256];

	room[0] = (char)depth;
	if (depth) {
		work(depth - 1);
		room[1] = 0;
		return;
	}
	for (int i = 0; i < 200; i++) {
		pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;

		pthread_mutex_lock(&m);
		pthread_mutex_unlock(&m);
	}
}

/* Jumped out of while locking what nobody else needs; what is held at a jump stays held. */
static void jumps(double seconds)
{
	double end = now() + seconds;
	volatile int n = 0;

	while (now() < end) {
		if (sigsetjmp(out, 1)) {
			n++;
			continue;
		}
		may_jump = 1;
		for (;;)
			work(0);
	}
	may_jump = 0;
	MUST(n > 10);
}

static void other_stack(void)
{
	size_t page = 4096, size = 64 * 1024;
	char *p = mmap(NULL, size + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	stack_t s = {.ss_sp = p + page, .ss_size = size};

	MUST(p != MAP_FAILED && !mprotect(p + page, size, PROT_READ | PROT_WRITE));
	MUST(!sigaltstack(&s, NULL));
}

int main(int argc, char **argv)
{
	bool jump = !strcmp(argv[1], "jump");
	char room[65536];
	stack_t local = {.ss_sp = room, .ss_size = sizeof(room)};

	MUST(!sem_init(&posted, 0, 1));
	if (!strcmp(argv[1], "altstack")) {
		other_stack();
		every(300, on_alarm, SA_ONSTACK | SA_RESTART);
	} else if (!strcmp(argv[1], "local")) {
		MUST(!sigaltstack(&local, NULL));
		every(300, on_alarm, SA_ONSTACK | SA_RESTART);
	} else if (jump) {
		every(500, on_alarm_jump, SA_RESTART);
	} else {
		every(300, on_alarm, SA_RESTART);
	}
	if (jump)
		jumps(1.5);
	else
		churn(1.5);
	every(0, SIG_IGN, 0);
	MUST(n_signals > 20);
	if (argc > 2)
		jump ? work(40), abba(&lock_a, &lock_b) : abba(&lock_a, &lock_b);
	else
		abab(&lock_a, &lock_b);
	puts("done");
	return 0;
}
