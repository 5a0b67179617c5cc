// expect: misuse ; kind: double-init ; locks: cv_again ; note: a condition that was used is initialised again
#include "subject.h"

static pthread_mutex_t cv_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cv_again;

int main(void)
{
	struct timespec soon = deadline(CLOCK_REALTIME, 10);

	pthread_cond_init(&cv_again, NULL);
	pthread_mutex_lock(&cv_lock);
	pthread_cond_timedwait(&cv_again, &cv_lock, &soon);
	pthread_mutex_unlock(&cv_lock);
	pthread_cond_init(&cv_again, NULL);
	return 0;
}
