/* SPDX-License-Identifier: MIT
 *
 * Where locks lie and what becomes of that memory. argument: WAY [more]
 */
#include "hard.h"

static pthread_mutex_t lock_a = PTHREAD_MUTEX_INITIALIZER, lock_b = PTHREAD_MUTEX_INITIALIZER;

static void *pages(size_t n, int flags)
{
	void *p = mmap(NULL, n * 4096, PROT_READ | PROT_WRITE, flags | MAP_ANONYMOUS, -1, 0);

	MUST(p != MAP_FAILED);
	return p;
}

/* A lock that is held when its memory goes: a leak of the program's, not a reason to end it. */
static void gone_while_held(int n)
{
	for (int i = 0; i < n; i++) {
		pthread_mutex_t *m = pages(1, MAP_PRIVATE);

		MUST(!pthread_mutex_init(m, NULL));
		LOCK(m);
		MUST(!munmap(m, 4096));
	}
	abba(&lock_a, &lock_b);
	for (int i = 0; i < 40; i++) {
		pthread_mutex_t *m = malloc(sizeof(*m));

		MUST(!pthread_mutex_init(m, NULL));
		nest(&lock_a, m);
		nest(m, &lock_b);
	}
}

static void *free_and_end(void *arg)
{
	pthread_t **p = arg;

	MUST(!munmap(p, 4096));
	return NULL;
}

/* The new thread frees the place where its creator has put its number. */
static void freed_handle(void)
{
	pthread_attr_t detached;

	MUST(!pthread_attr_init(&detached));
	MUST(!pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED));
	for (int i = 0; i < 3000; i++) {
		pthread_t *handle = pages(1, MAP_PRIVATE);
		int r;

		while ((r = pthread_create(handle, &detached, free_and_end, handle)) == EAGAIN)
			nap(1);
		MUST(!r);
	}
	abba(&lock_a, &lock_b);
}

/* Locks in a file that outlives its program, always at one address. */
static void in_a_file(const char *path, bool invert)
{
	int fd = open(path, O_RDWR | O_CREAT, 0600);
	struct {
		pthread_mutex_t m[64];
		pthread_rwlock_t rw[2];
	} * f;

	MUST(fd >= 0 && !ftruncate(fd, 8192));
	f = mmap((void *)0x10000000000, 8192, PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_FIXED_NOREPLACE, fd, 0);
	MUST(f == (void *)0x10000000000);
	if (invert) { /* the second program: the same bytes, other uses */
		abba(&f->m[0], &f->m[1]);
		MUST(!pthread_rwlock_wrlock(&f->rw[0]) && !pthread_rwlock_unlock(&f->rw[0]));
		return;
	}
	for (int i = 0; i < 64; i++)
		nest(&lock_a, &f->m[63 - i]);
	abab(&f->m[0], &f->m[1]);
	MUST(!pthread_rwlock_wrlock(&f->rw[0]) && !pthread_rwlock_unlock(&f->rw[0]));
}

/* A copied lock is another lock; a zeroed one is new. */
static void copied(void)
{
	pthread_mutex_t *m = calloc(4, sizeof(*m));

	nest(&m[0], &m[1]);
	memcpy(&m[2], &m[0], sizeof(*m));
	memcpy(&m[3], &m[1], sizeof(*m));
	abab(&m[0], &m[1]);
	abab(&m[3], &m[2]); /* not the order of the first two: others */
	memset(m, 0, 2 * sizeof(*m));
	nest(&m[1], &m[0]); /* zeroed: others again, in one thread besides */
	abba(&lock_a, &lock_b);
}

/* Never written, but by who locks: bytes of an untouched lock stay as they are. */
static void untouched(const char *path)
{
	pthread_mutex_t zero = PTHREAD_MUTEX_INITIALIZER;
	int fd = open(path, O_RDWR | O_CREAT, 0600);
	pthread_mutex_t *m;

	MUST(fd >= 0 && write(fd, &zero, sizeof(zero)) == sizeof(zero) && !ftruncate(fd, 4096));
	m = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
	MUST(m != MAP_FAILED);
	MUST(pthread_mutex_destroy(&zero) == 0);
	for (size_t i = 0; i < sizeof(zero); i++)
		MUST(((const char *)m)[i] == 0);
	abba(&lock_a, &lock_b);
	for (size_t i = 0; i < sizeof(zero); i++)
		MUST(((const char *)m)[i] == 0);
}

static void array(void)
{
	static pthread_mutex_t all[10000];

	for (int i = 0; i < 10000; i++) {
		LOCK(&all[i]);
		UNLOCK(&all[i]);
	}
	for (int i = 0; i < 9999; i += 7)
		nest(&all[i], &all[i + 1]);
	abba(&all[17], &all[4242]);
}

static long resident_kib(void)
{
	char line[256];
	long kib = -1;
	FILE *f = fopen("/proc/self/smaps_rollup", "r");

	MUST(f);
	while (fgets(line, sizeof(line), f))
		if (!strncmp(line, "Rss:", 4))
			kib = atol(line + 4);
	fclose(f);
	return kib;
}

/* argument: how many live at once. Prints the growth in KiB over what they take themselves. */
static void million(size_t n)
{
	pthread_mutex_t *m = malloc(n * sizeof(*m));
	long before;

	memset(m, 1, n * sizeof(*m));
	LOCK(&lock_a);
	UNLOCK(&lock_a);
	before = resident_kib();
	for (size_t i = 0; i < n; i++)
		MUST(!pthread_mutex_init(&m[i], NULL));
	for (size_t i = 0; i < n; i++) {
		LOCK(&lock_a);
		LOCK(&m[i]);
		UNLOCK(&m[i]);
		UNLOCK(&lock_a);
	}
	printf("%ld\n", resident_kib() - before);
}

/* Births and deaths: prints KiB grown in each half. */
static void come_and_go(int n)
{
	long before = 0, middle = 0;

	for (int half = 0; half < 2; half++) {
		for (int i = 0; i < n; i++) {
			pthread_mutex_t *m = malloc(2 * sizeof(*m));
			pthread_spinlock_t s;
			sem_t sem;

			MUST(!pthread_mutex_init(&m[0], NULL) && !pthread_mutex_init(&m[1], NULL));
			MUST(!pthread_spin_init(&s, 0) && !sem_init(&sem, 0, 1));
			nest(&m[0], &m[1]);
			MUST(!pthread_spin_lock(&s) && !pthread_spin_unlock(&s));
			MUST(!sem_wait(&sem) && !sem_post(&sem) && !sem_destroy(&sem));
			MUST(!pthread_mutex_destroy(&m[0]) && !pthread_mutex_destroy(&m[1]));
			free(m);
		}
		if (!half)
			middle = resident_kib();
	}
	printf("%ld\n", resident_kib() - middle);
}

/* held: 300 at once, let go in any order; then an inversion between the innermost two of a chain.
 */
static void *chain_first(void *arg)
{
	pthread_mutex_t *m = arg;

	for (int i = 0; i < 300; i++)
		LOCK(&m[i]);
	for (int i = 0; i < 300; i++)
		UNLOCK(&m[(i * 7) % 300]);
	nap(100);
	return arg;
}

static void deep_chain(bool invert)
{
	static pthread_mutex_t m[300];
	pthread_t t;

	MUST(!pthread_create(&t, NULL, chain_first, m));
	nap(50);
	for (int i = 200; i < 298; i++)
		LOCK(&m[i]);
	if (invert) {
		LOCK(&m[299]);
		LOCK(&m[298]);
		UNLOCK(&m[298]);
		UNLOCK(&m[299]);
	}
	for (int i = 200; i < 298; i++)
		UNLOCK(&m[i]);
	if (invert)
		nest(&m[299], &m[298]);
	MUST(!pthread_join(t, NULL));
}

static void *short_life(void *arg)
{
	nest(&lock_a, &lock_b);
	return arg;
}

static void many_threads(int total, int at_once, bool stay)
{
	pthread_t *t = calloc((size_t)at_once, sizeof(*t));
	pthread_attr_t small;

	MUST(!pthread_attr_init(&small) && !pthread_attr_setstacksize(&small, 65536));
	for (int i = 0; i < total; i += at_once) {
		if (stay)
			LOCK(&lock_a);
		for (int k = 0; k < at_once; k++)
			MUST(!pthread_create(&t[k], &small, short_life, NULL));
		if (stay)
			UNLOCK(&lock_a);
		for (int k = 0; k < at_once; k++)
			MUST(!pthread_join(t[k], NULL));
	}
	abba(&lock_a, &lock_b);
}

int main(int argc, char **argv)
{
	const char *way = argv[1], *more = argc > 2 ? argv[2] : "0";

	if (!strcmp(way, "gone"))
		gone_while_held(atoi(more));
	else if (!strcmp(way, "handle"))
		freed_handle();
	else if (!strcmp(way, "file"))
		in_a_file(more, argc > 3);
	else if (!strcmp(way, "copied"))
		copied();
	else if (!strcmp(way, "untouched"))
		untouched(more);
	else if (!strcmp(way, "array"))
		array();
	else if (!strcmp(way, "million"))
		million((size_t)atol(more));
	else if (!strcmp(way, "come-and-go"))
		come_and_go(atoi(more));
	else if (!strcmp(way, "chain"))
		deep_chain(atoi(more));
	else if (!strcmp(way, "threads"))
		many_threads(atoi(more), atoi(argv[3]), argc > 4);
	else
		MUST(!"a way");
	return 0;
}
