// expect: hazard ; kind: gate-lock ; locks: lock_p lock_q ; note: both gates are of one class and two instances: no gate at all
#include "subject.h"

struct session {
	pthread_mutex_t lock;
};

static pthread_mutex_t lock_p = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t lock_q = PTHREAD_MUTEX_INITIALIZER;
static struct session *sessions[2];

static struct session *session_new(void)
{
	struct session *s = calloc(1, sizeof(*s));

	pthread_mutex_init(&s->lock, NULL);
	return s;
}

static void *first(void *arg)
{
	(void)arg;
	pthread_mutex_lock(&sessions[0]->lock);
	pthread_mutex_lock(&lock_p);
	pthread_mutex_lock(&lock_q);
	pthread_mutex_unlock(&lock_q);
	pthread_mutex_unlock(&lock_p);
	pthread_mutex_unlock(&sessions[0]->lock);
	return NULL;
}

static void *second(void *arg)
{
	(void)arg;
	nap(60);
	pthread_mutex_lock(&sessions[1]->lock);
	pthread_mutex_lock(&lock_q);
	pthread_mutex_lock(&lock_p);
	pthread_mutex_unlock(&lock_p);
	pthread_mutex_unlock(&lock_q);
	pthread_mutex_unlock(&sessions[1]->lock);
	return NULL;
}

int main(void)
{
	sessions[0] = session_new();
	sessions[1] = session_new();
	run_two(first, second);
	return 0;
}
