// expect: hazard ; kind: lock-condvar ; locks: lock_a cond_a lock_b cond_b ; note: two monitors wait for each other's progress, each with its own lock in the way
#include "subject.h"
static pthread_mutex_t lock_a = PTHREAD_MUTEX_INITIALIZER, lock_b = PTHREAD_MUTEX_INITIALIZER,
		       m = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond_a = PTHREAD_COND_INITIALIZER, cond_b = PTHREAD_COND_INITIALIZER;
static int a_done, b_done;
static void set(pthread_cond_t *c, int *f)
{
	pthread_mutex_lock(&m);
	*f = 1;
	pthread_cond_broadcast(c);
	pthread_mutex_unlock(&m);
}
static void get(pthread_cond_t *c, int *f)
{
	pthread_mutex_lock(&m);
	while (!*f)
		pthread_cond_wait(c, &m);
	pthread_mutex_unlock(&m);
}
static void *pa(void *x)
{
	pthread_mutex_lock(&lock_b);
	pthread_mutex_unlock(&lock_b);
	nap(60);
	set(&cond_a, &a_done);
	return x;
}
static void *pb(void *x)
{
	pthread_mutex_lock(&lock_a);
	pthread_mutex_unlock(&lock_a);
	nap(80);
	set(&cond_b, &b_done);
	return x;
}
static void *ca(void *x)
{
	nap(20);
	pthread_mutex_lock(&lock_a);
	get(&cond_a, &a_done);
	pthread_mutex_unlock(&lock_a);
	return x;
}
static void *cb(void *x)
{
	nap(20);
	pthread_mutex_lock(&lock_b);
	get(&cond_b, &b_done);
	pthread_mutex_unlock(&lock_b);
	return x;
}
int main(void)
{
	pthread_t t;
	pthread_create(&t, 0, cb, 0);
	run_three(pa, pb, ca);
	pthread_join(t, 0);
	return 0;
}
