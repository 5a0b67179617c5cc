// expect: clean ; kind: message-reply ; locks: lock_jobs * ; probe: probe ; note: an answer is received from a POSIX message queue with the lock held that the worker takes only when it has sent it
#include "meet.h"
#include <fcntl.h>
#include <mqueue.h>

static pthread_mutex_t lock_jobs = PTHREAD_MUTEX_INITIALIZER;
static struct mq_attr shape = { .mq_maxmsg = 4, .mq_msgsize = 8 };
static char path[40];

static void *worker(void *arg)
{
	mqd_t q = mq_open(path, O_WRONLY);

	if (mq_send(q, "done", 4, 0))
		abort();
	pthread_mutex_lock(&lock_jobs);
	pthread_mutex_unlock(&lock_jobs);
	mq_close(q);
	return arg;
}

static void *boss(void *arg)
{
	mqd_t q = mq_open(path, O_RDONLY);
	char answer[8];

	pthread_mutex_lock(&lock_jobs);
	if (mq_receive(q, answer, sizeof(answer), NULL) != 4)
		abort();
	pthread_mutex_unlock(&lock_jobs);
	mq_close(q);
	return arg;
}

int main(int argc, char **argv)
{
	mqd_t q;

	(void)argv;
	snprintf(path, sizeof(path), "/lockdag-subject-%d", (int)getpid());
	q = mq_open(path, O_RDWR | O_CREAT | O_EXCL, 0600, &shape);
	if (q < 0)
		return argc > 1 ? 77 : 1;
	if (argc == 1)
		run_two(worker, boss);
	mq_unlink(path);
	return 0;
}
