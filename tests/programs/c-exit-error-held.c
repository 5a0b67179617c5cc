// expect: clean ; kind: exit-held ; locks: state_lock ; note: a program gives up under a lock, with an error status
#include "subject.h"

static pthread_mutex_t state_lock = PTHREAD_MUTEX_INITIALIZER;

int main(void)
{
	pthread_mutex_lock(&state_lock);
	exit(3);
}
