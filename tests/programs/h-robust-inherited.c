// expect: hazard ; kind: robust-mutex ; locks: rob_state lock_undo ; note: who gets a robust mutex from an owner that died takes another one before it is said to be consistent; others take the two the other way round
#include "robust.h"

static pthread_mutex_t lock_undo = PTHREAD_MUTEX_INITIALIZER;

static void *writer(void *arg)
{
	pthread_mutex_lock(&lock_undo);
	pthread_mutex_lock(&rob_state);
	pthread_mutex_unlock(&rob_state);
	pthread_mutex_unlock(&lock_undo);
	through(&written);
	return arg;
}

static void *heir(void *arg)
{
	if (pthread_mutex_lock(&rob_state) != EOWNERDEAD)
		abort();
	pthread_mutex_lock(&lock_undo);
	pthread_mutex_unlock(&lock_undo);
	pthread_mutex_consistent(&rob_state);
	pthread_mutex_unlock(&rob_state);
	return arg;
}

int main(void)
{
	return robust_run(writer, heir);
}
