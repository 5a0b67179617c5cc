// expect: hazard ; kind: wrapper ; locks: lock_q lock_s ; note: twenty static locks, first met in one loop through one helper; two of the last are inverted
#include "subject.h"

static pthread_mutex_t lock_a = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t lock_b = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t lock_c = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t lock_d = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t lock_e = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t lock_f = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t lock_g = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t lock_h = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t lock_i = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t lock_j = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t lock_k = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t lock_l = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t lock_m = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t lock_n = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t lock_o = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t lock_p = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t lock_q = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t lock_r = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t lock_s = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t lock_t = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t *const all[] = {
	&lock_a, &lock_b, &lock_c, &lock_d, &lock_e, &lock_f, &lock_g,
	&lock_h, &lock_i, &lock_j, &lock_k, &lock_l, &lock_m, &lock_n,
	&lock_o, &lock_p, &lock_q, &lock_r, &lock_s, &lock_t,
};

static __attribute__((noinline)) void my_lock(pthread_mutex_t *lock)
{
	pthread_mutex_lock(lock);
}

static __attribute__((noinline)) void my_unlock(pthread_mutex_t *lock)
{
	pthread_mutex_unlock(lock);
}

static void *first(void *arg)
{
	(void)arg;
	for (int i = 0; i < 20; i++) {
		my_lock(all[i]);
		my_unlock(all[i]);
	}
	my_lock(&lock_q);
	my_lock(&lock_s);
	my_unlock(&lock_s);
	my_unlock(&lock_q);
	return NULL;
}

static void *second(void *arg)
{
	(void)arg;
	nap(60);
	my_lock(&lock_s);
	my_lock(&lock_q);
	my_unlock(&lock_q);
	my_unlock(&lock_s);
	return NULL;
}

int main(void)
{
	run_two(first, second);
	return 0;
}
