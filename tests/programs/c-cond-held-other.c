// expect: clean ; kind: cond-wait-unheld ; locks: bell_lock chk_lock ; note: held and timed out; an error-checking mutex refuses
#include "subject.h"

static pthread_mutex_t bell_lock = PTHREAD_MUTEX_INITIALIZER, chk_lock = PTHREAD_ERRORCHECK_MUTEX_INITIALIZER_NP;
static pthread_cond_t bell = PTHREAD_COND_INITIALIZER;

int main(void)
{
	struct timespec soon = deadline(CLOCK_REALTIME, 10);

	pthread_mutex_lock(&bell_lock);
	if (pthread_cond_timedwait(&bell, &bell_lock, &soon) != ETIMEDOUT)
		abort();
	pthread_mutex_unlock(&bell_lock);
	soon = deadline(CLOCK_REALTIME, 10);
	if (pthread_cond_timedwait(&bell, &chk_lock, &soon) != EPERM)
		abort();
	return 0;
}
