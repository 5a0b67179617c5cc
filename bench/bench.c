/* SPDX-License-Identifier: MIT
 *
 * What taking locks costs: run alone and under lockdag by bench/run-bench, and counted under
 * callgrind by tests/guest-instructions.
 *
 *	bench MODE [N]         measures; prints "MODE quiet-ns loaded-ns resident-KiB"
 *	bench --count MODE N   does the operation N times and prints nothing
 *	bench --list           the modes
 *
 * A measure is thread CPU time over many small batches: quiet is their 10 % quantile, so that a batch
 * that met an interrupt or another program does not count; loaded is their median. Not the minimum:
 * the clock of a virtual machine now and then loses time, and one such batch would be the result
 * (a pair at half the price of its two atomic operations was seen). A second thread sleeps through all of it, since the
 * C library is cheaper in a process that never had one. N is the number of locks or threads in the
 * modes that make some.
 */
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define N_BATCHES 151
#define BATCH 10000
#define DEFAULT_LOCKS 100000
#define N_RANDOM 4096

/* One cache line apart, so that private locks share nothing. */
struct padded {
	_Alignas(128) pthread_mutex_t lock;
};

static struct padded locks[8];
static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
static pthread_spinlock_t spin;
static sem_t semaphore, event;
static pthread_cond_t nobody_waits = PTHREAD_COND_INITIALIZER;
static pthread_mutex_t *random_locks[N_RANDOM];

static long long now(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static void die(const char *what)
{
	fprintf(stderr, "bench: %s\n", what);
	exit(2);
}

/* ------------------------------------------------------------------ operations */

static void op_pair(long n, int self)
{
	pthread_mutex_t *lock = &locks[self].lock;

	while (n--) {
		pthread_mutex_lock(lock);
		pthread_mutex_unlock(lock);
	}
}

static void op_trylock(long n, int self)
{
	pthread_mutex_t *lock = &locks[self].lock;

	while (n--) {
		if (!pthread_mutex_trylock(lock))
			pthread_mutex_unlock(lock);
	}
}

/* n counts pairs, four of them nested */
static void op_nested4(long n, int self)
{
	(void)self;
	for (; n >= 4; n -= 4) {
		for (int i = 0; i < 4; i++)
			pthread_mutex_lock(&locks[i].lock);
		for (int i = 4; i--;)
			pthread_mutex_unlock(&locks[i].lock);
	}
}

/* what watching locks must not cost programs that allocate */
static void op_malloc(long n, int self)
{
	(void)self;
	while (n--) {
		void *volatile p = malloc(100);

		free(p);
	}
}

static void op_rdlock(long n, int self)
{
	(void)self;
	while (n--) {
		pthread_rwlock_rdlock(&rwlock);
		pthread_rwlock_unlock(&rwlock);
	}
}

static void op_wrlock(long n, int self)
{
	(void)self;
	while (n--) {
		pthread_rwlock_wrlock(&rwlock);
		pthread_rwlock_unlock(&rwlock);
	}
}

static void op_spin(long n, int self)
{
	(void)self;
	while (n--) {
		pthread_spin_lock(&spin);
		pthread_spin_unlock(&spin);
	}
}

static void op_sem(long n, int self)
{
	(void)self;
	while (n--) {
		sem_wait(&semaphore);
		sem_post(&semaphore);
	}
}

/* Never blocks, so that thread CPU time is the time on the wall. */
static void op_post_wait(long n, int self)
{
	(void)self;
	while (n--) {
		sem_post(&event);
		sem_wait(&event);
	}
}

static void op_signal(long n, int self)
{
	(void)self;
	while (n--)
		pthread_cond_signal(&nobody_waits);
}

static unsigned next_random(unsigned *state)
{
	*state = *state * 1664525u + 1013904223u;
	return *state >> 16;
}

static void op_random(long n, int self)
{
	unsigned state = 1;

	(void)self;
	while (n--) {
		pthread_mutex_t *lock = random_locks[next_random(&state) % N_RANDOM];

		pthread_mutex_lock(lock);
		pthread_mutex_unlock(lock);
	}
}

/* a heap lock inside a static one: a held lock at each, and as many second locks as there are */
static void op_random_nested(long n, int self)
{
	unsigned state = 1;

	(void)self;
	for (; n >= 2; n -= 2) {
		pthread_mutex_t *lock = random_locks[next_random(&state) % N_RANDOM];

		pthread_mutex_lock(&locks[0].lock);
		pthread_mutex_lock(lock);
		pthread_mutex_unlock(lock);
		pthread_mutex_unlock(&locks[0].lock);
	}
}

/* made, locked once, destroyed */
static void op_made(long n, int self)
{
	(void)self;
	while (n--) {
		pthread_mutex_t *lock = malloc(sizeof(*lock));

		if (!lock || pthread_mutex_init(lock, NULL))
			die("no memory");
		pthread_mutex_lock(lock);
		pthread_mutex_unlock(lock);
		pthread_mutex_destroy(lock);
		free(lock);
	}
}

/* ------------------------------------------------------------------ measures */

typedef void operation(long n, int self);

struct cost {
	double quiet, loaded; /* ns an operation */
};

static int by_size(const void *a, const void *b)
{
	long long x = *(const long long *)a, y = *(const long long *)b;

	return (x > y) - (x < y);
}

static struct cost measure_batches(operation *op, int self)
{
	long long took[N_BATCHES];

	op(BATCH, self);
	for (int i = 0; i < N_BATCHES; i++) {
		long long start = now(CLOCK_THREAD_CPUTIME_ID);

		op(BATCH, self);
		took[i] = now(CLOCK_THREAD_CPUTIME_ID) - start;
	}
	qsort(took, N_BATCHES, sizeof(took[0]), by_size);
	return (struct cost){ (double)took[N_BATCHES / 10] / BATCH,
		(double)took[N_BATCHES / 2] / BATCH };
}

struct job {
	operation *op;
	int self;
	pthread_barrier_t *start;
	struct cost cost;
};

static void *run_job(void *arg)
{
	struct job *job = arg;

	pthread_barrier_wait(job->start);
	job->cost = measure_batches(job->op, job->self);
	/* keep the other one company until it has its batches too */
	for (int i = 0; i < N_BATCHES; i++)
		job->op(BATCH, job->self);
	return NULL;
}

/* n threads at once, each on a lock of its own. The mean of their costs. */
static struct cost measure_threads(operation *op, int n)
{
	struct job jobs[4];
	pthread_t threads[4];
	pthread_barrier_t start;
	struct cost sum = { 0, 0 };

	pthread_barrier_init(&start, NULL, (unsigned)n);
	for (int i = 0; i < n; i++) {
		jobs[i] = (struct job){ op, i, &start, { 0, 0 } };
		if (pthread_create(&threads[i], NULL, run_job, &jobs[i]))
			die("cannot create threads");
	}
	for (int i = 0; i < n; i++) {
		pthread_join(threads[i], NULL);
		sum.quiet += jobs[i].cost.quiet / n;
		sum.loaded += jobs[i].cost.loaded / n;
	}
	pthread_barrier_destroy(&start);
	return sum;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *values, size_t n)
{
	qsort(values, n, sizeof(values[0]), by_value);
	return values[n / 2];
}

/* Two threads on one lock: the process's CPU time over all pairs, since a wait is nobody's batch. */
static void *hammer(void *arg)
{
	op_pair(*(long *)arg, 0);
	return NULL;
}

static double measure_contended(void)
{
	double rounds[9];

	for (int round = 0; round < 9; round++) {
		long n = 100000;
		long long start = now(CLOCK_PROCESS_CPUTIME_ID);
		pthread_t t;

		pthread_create(&t, NULL, hammer, &n);
		hammer(&n);
		pthread_join(t, NULL);
		rounds[round] = (double)(now(CLOCK_PROCESS_CPUTIME_ID) - start) / (2.0 * (double)n);
	}
	return median(rounds, 9);
}

static struct {
	pthread_mutex_t lock;
	pthread_cond_t turned;
	int turn, last;
} table = { PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0, 20000 };

static void *play(void *arg)
{
	int me = *(int *)arg;

	pthread_mutex_lock(&table.lock);
	while (table.turn < table.last) {
		if (table.turn % 2 == me) {
			table.turn++;
			pthread_cond_signal(&table.turned);
		} else {
			pthread_cond_wait(&table.turned, &table.lock);
		}
	}
	pthread_cond_signal(&table.turned);
	pthread_mutex_unlock(&table.lock);
	return NULL;
}

static sem_t ping[2];

/* Each posts what the other waits for. */
static void *hand_over(void *arg)
{
	int me = *(int *)arg;

	for (int i = 0; i < table.last / 2; i++) {
		sem_wait(&ping[me]);
		sem_post(&ping[!me]);
	}
	return NULL;
}

/* Two threads that take turns, wall time a turn. */
static double measure_turns(void *(*player)(void *))
{
	double rounds[5];

	for (int round = 0; round < 5; round++) {
		int players[2] = { 0, 1 };
		long long start;
		pthread_t t;

		table.turn = 0;
		sem_init(&ping[0], 0, 1);
		sem_init(&ping[1], 0, 0);
		start = now(CLOCK_MONOTONIC);
		pthread_create(&t, NULL, player, &players[1]);
		player(&players[0]);
		pthread_join(t, NULL);
		rounds[round] = (double)(now(CLOCK_MONOTONIC) - start) / table.last;
	}
	return median(rounds, 5);
}

#define QUEUE_ITEMS 1000000
#define QUEUE_ROOM 256

static struct {
	pthread_mutex_t lock;
	pthread_cond_t not_empty, not_full;
	long items[QUEUE_ROOM];
	unsigned first, used;
	long sum;
} queue = { .lock = PTHREAD_MUTEX_INITIALIZER,
	.not_empty = PTHREAD_COND_INITIALIZER,
	.not_full = PTHREAD_COND_INITIALIZER };

static void *produce(void *unused)
{
	for (long i = 0; i < QUEUE_ITEMS; i++) {
		pthread_mutex_lock(&queue.lock);
		while (queue.used == QUEUE_ROOM)
			pthread_cond_wait(&queue.not_full, &queue.lock);
		queue.items[(queue.first + queue.used++) % QUEUE_ROOM] = i;
		pthread_cond_signal(&queue.not_empty);
		pthread_mutex_unlock(&queue.lock);
	}
	return unused;
}

static void consume(void)
{
	for (long i = 0; i < QUEUE_ITEMS; i++) {
		pthread_mutex_lock(&queue.lock);
		while (!queue.used)
			pthread_cond_wait(&queue.not_empty, &queue.lock);
		queue.sum += queue.items[queue.first++ % QUEUE_ROOM];
		queue.used--;
		pthread_cond_signal(&queue.not_full);
		pthread_mutex_unlock(&queue.lock);
	}
}

/* A bounded queue between two threads, on the wall: who waits for whom is part of the price. */
static double measure_queue(void)
{
	double rounds[3];

	for (int round = 0; round < 3; round++) {
		long long start = now(CLOCK_MONOTONIC);
		pthread_t t;

		pthread_create(&t, NULL, produce, NULL);
		consume();
		pthread_join(t, NULL);
		rounds[round] = (double)(now(CLOCK_MONOTONIC) - start) / QUEUE_ITEMS;
	}
	return median(rounds, 3);
}

/* n locks made and locked once, in an order that costs a cache miss each, and left alive */
static double measure_live(long n)
{
	long long start = now(CLOCK_THREAD_CPUTIME_ID);
	pthread_mutex_t **all = malloc((size_t)n * sizeof(*all));

	if (!all)
		die("no memory");
	for (long i = 0; i < n; i++) {
		all[i] = malloc(sizeof(*all[i]));
		if (!all[i] || pthread_mutex_init(all[i], NULL))
			die("no memory");
		pthread_mutex_lock(all[i]);
		pthread_mutex_unlock(all[i]);
	}
	return (double)(now(CLOCK_THREAD_CPUTIME_ID) - start) / (double)n;
}

static pthread_barrier_t everybody;

static void *lock_and_stay(void *unused)
{
	op_nested4(4, 0);
	pthread_barrier_wait(&everybody);
	pthread_barrier_wait(&everybody);
	return unused;
}

static long resident_kib(void)
{
	long pages = 0;
	FILE *f = fopen("/proc/self/statm", "r");

	if (!f || fscanf(f, "%*d %ld", &pages) != 1)
		die("cannot read /proc/self/statm");
	fclose(f);
	return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

/* n threads that each took four nested locks and are all alive when memory is measured */
static double measure_live_threads(long n, long *ret_kib)
{
	pthread_t *threads = malloc((size_t)n * sizeof(*threads));
	long long start = now(CLOCK_PROCESS_CPUTIME_ID);
	pthread_attr_t attr;
	double ns;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 65536);
	pthread_barrier_init(&everybody, NULL, (unsigned)n + 1);
	for (long i = 0; i < n; i++) {
		if (!threads || pthread_create(&threads[i], &attr, lock_and_stay, NULL))
			die("cannot create threads");
	}
	pthread_barrier_wait(&everybody);
	ns = (double)(now(CLOCK_PROCESS_CPUTIME_ID) - start) / (double)n;
	*ret_kib = resident_kib();
	pthread_barrier_wait(&everybody);
	for (long i = 0; i < n; i++)
		pthread_join(threads[i], NULL);
	free(threads);
	return ns;
}

/* ------------------------------------------------------------------ modes */

static const struct mode {
	const char *name;
	operation *op;
	int threads; /* 0: in main; else that many at once */
} modes[] = {
	{ "pair", op_pair, 0 },
	{ "nested4", op_nested4, 0 },
	{ "trylock", op_trylock, 0 },
	{ "rdlock", op_rdlock, 0 },
	{ "wrlock", op_wrlock, 0 },
	{ "spin", op_spin, 0 },
	{ "sem", op_sem, 0 },
	{ "post-wait", op_post_wait, 0 },
	{ "signal", op_signal, 0 },
	{ "random", op_random, 0 },
	{ "random-nested", op_random_nested, 0 },
	{ "made", op_made, 0 },
	{ "malloc", op_malloc, 0 },
	{ "private1", op_pair, 1 },
	{ "private2", op_pair, 2 },
	{ "contended", NULL, 0 },
	{ "ping-pong", NULL, 0 },
	{ "hand-over", NULL, 0 },
	{ "queue", NULL, 0 },
	{ "live", NULL, 0 },
	{ "threads", NULL, 0 },
	{ "idle", NULL, 0 },
};

static const struct mode *find_mode(const char *name)
{
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		if (!strcmp(modes[i].name, name))
			return &modes[i];
	}
	die("no such mode (bench --list)");
	return NULL;
}

static void *sleep_for_ever(void *unused)
{
	for (;;)
		pause();
	return unused;
}

static void set_up(void)
{
	pthread_t sleeper;

	pthread_spin_init(&spin, PTHREAD_PROCESS_PRIVATE);
	sem_init(&semaphore, 0, 1);
	sem_init(&event, 0, 0);
	for (size_t i = 0; i < sizeof(locks) / sizeof(locks[0]); i++)
		pthread_mutex_init(&locks[i].lock, NULL);
	for (size_t i = 0; i < N_RANDOM; i++) {
		random_locks[i] = malloc(sizeof(*random_locks[i]));
		if (!random_locks[i] || pthread_mutex_init(random_locks[i], NULL))
			die("no memory");
	}
	if (pthread_create(&sleeper, NULL, sleep_for_ever, NULL))
		die("cannot create threads");
}

static struct cost measure(const struct mode *mode, long n, long *ret_kib)
{
	double ns = 0;

	if (mode->op) {
		struct cost cost = mode->threads ? measure_threads(mode->op, mode->threads) :
						   measure_batches(mode->op, 0);

		*ret_kib = resident_kib();
		return cost;
	}
	if (!strcmp(mode->name, "threads")) {
		ns = measure_live_threads(n, ret_kib);
		return (struct cost){ ns, ns };
	}
	if (!strcmp(mode->name, "contended"))
		ns = measure_contended();
	else if (!strcmp(mode->name, "ping-pong"))
		ns = measure_turns(play);
	else if (!strcmp(mode->name, "hand-over"))
		ns = measure_turns(hand_over);
	else if (!strcmp(mode->name, "queue"))
		ns = measure_queue();
	else if (!strcmp(mode->name, "live"))
		ns = measure_live(n);
	*ret_kib = resident_kib();
	return (struct cost){ ns, ns };
}

int main(int argc, char **argv)
{
	const struct mode *mode;
	struct cost cost;
	long kib;

	if (argc == 2 && !strcmp(argv[1], "--list")) {
		for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++)
			puts(modes[i].name);
		return 0;
	}
	if (argc == 4 && !strcmp(argv[1], "--count")) {
		mode = find_mode(argv[2]);
		if (!mode->op)
			die("this mode has no operation to count");
		set_up();
		mode->op(atol(argv[3]), 0);
		return 0;
	}
	if (argc < 2 || argc > 3)
		die("usage: bench MODE [N] | bench --count MODE N | bench --list");
	mode = find_mode(argv[1]);
	set_up();
	cost = measure(mode, argc > 2 ? atol(argv[2]) : DEFAULT_LOCKS, &kib);
	printf("%s %.2f %.2f %ld\n", mode->name, cost.quiet, cost.loaded, kib);
	return 0;
}
