// expect: hazard ; kind: signal-lock ; locks: lock_l ; note: a timer of timer_create(), whose signal is the process's
#include "context.h"

static pthread_mutex_t lock_l = PTHREAD_MUTEX_INITIALIZER;

static void on_signal(int number)
{
	(void)number;
	section(&lock_l);
}

static void *worker(void *arg)
{
	(void)arg;
	section(&lock_l);
	return NULL;
}

int main(void)
{
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN + 2 };
	struct itimerspec once = { .it_value = { 0, 20000000 } };
	pthread_t t;
	timer_t timer;

	install(SIGRTMIN + 2, on_signal, SA_RESTART);
	pthread_create(&t, NULL, worker, NULL);
	timer_create(CLOCK_MONOTONIC, &event, &timer);
	timer_settime(timer, 0, &once, NULL);
	nap(60);
	pthread_join(t, NULL);
	return 0;
}
