// expect: clean ; kind: lock-semaphore ; locks: lock_state done ; note: all threads are blocked for a while, one with the lock held that another asks for; a signal from a timer posts
#include "subject.h"
#include <signal.h>
#include <sys/time.h>

static pthread_mutex_t lock_state = PTHREAD_MUTEX_INITIALIZER;
static sem_t done;
static sigset_t alarm_only;

static void on_alarm(int number)
{
	(void)number;
	sem_post(&done);
}

/* The signal is for this thread alone. */
static void *waits(void *arg)
{
	pthread_sigmask(SIG_UNBLOCK, &alarm_only, NULL);
	pthread_mutex_lock(&lock_state);
	while (sem_wait(&done)) {
	}
	pthread_mutex_unlock(&lock_state);
	return arg;
}

static void *other(void *arg)
{
	nap(30);
	pthread_mutex_lock(&lock_state);
	pthread_mutex_unlock(&lock_state);
	return arg;
}

int main(void)
{
	struct itimerval in = {.it_value = {0, 700000}};

	sem_init(&done, 0, 0);
	sigemptyset(&alarm_only);
	sigaddset(&alarm_only, SIGALRM);
	pthread_sigmask(SIG_BLOCK, &alarm_only, NULL);
	signal(SIGALRM, on_alarm);
	setitimer(ITIMER_REAL, &in, NULL);
	run_two(waits, other);
	return 0;
}
