// expect: hazard ; kind: pipe-reply ; locks: lock_table * ; note: a reply that came early is read with the lock held that the writer took before; over the write it held another one, which the reader never had
#include "meet.h"

static pthread_mutex_t lock_table = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t lock_out = PTHREAD_MUTEX_INITIALIZER;
static int reply[2], gone;

static void *asks(void *arg)
{
	char c;

	await(&gone);
	pthread_mutex_lock(&lock_table);
	if (read(reply[0], &c, 1) != 1)
		abort();
	pthread_mutex_unlock(&lock_table);
	return arg;
}

static void *answers(void *arg)
{
	pthread_mutex_lock(&lock_table);
	pthread_mutex_unlock(&lock_table);
	pthread_mutex_lock(&lock_out);
	if (write(reply[1], "r", 1) != 1)
		abort();
	pthread_mutex_unlock(&lock_out);
	through(&gone);
	return arg;
}

int main(void)
{
	if (pipe(reply))
		return 1;
	run_two(asks, answers);
	return 0;
}
