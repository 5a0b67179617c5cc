// expect: misuse ; kind: exit-held ; locks: state_lock ; note: main returns with a lock held
#include "subject.h"

static pthread_mutex_t state_lock = PTHREAD_MUTEX_INITIALIZER;

int main(void)
{
	pthread_mutex_lock(&state_lock);
	return 0;
}
