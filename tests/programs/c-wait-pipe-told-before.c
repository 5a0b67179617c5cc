// expect: clean ; kind: pipe-reply ; locks: lock_table * ; note: who reads a reply with a lock held has seen before, under the lock that was held over the write, that it is there
#include "meet.h"

static pthread_mutex_t lock_table = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t lock_out = PTHREAD_MUTEX_INITIALIZER;
static int reply[2], replies;

static void *asks(void *arg)
{
	int there = 0;
	char c;

	while (!there) {
		pthread_mutex_lock(&lock_out);
		there = replies;
		pthread_mutex_unlock(&lock_out);
		nap(1);
	}
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
	replies++;
	pthread_mutex_unlock(&lock_out);
	return arg;
}

int main(void)
{
	if (pipe(reply))
		return 1;
	run_two(asks, answers);
	return 0;
}
