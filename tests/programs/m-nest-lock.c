// expect: misuse ; kind: assert-held ; locks: outer ; note: a lock is said to be nested under one that is not held
#include "../../include/lockdag/lockdag.h"
#include "subject.h"

static pthread_mutex_t outer = PTHREAD_MUTEX_INITIALIZER, inner = PTHREAD_MUTEX_INITIALIZER;

int main(void)
{
	lockdag_nest_lock(&inner, &outer);
	pthread_mutex_lock(&inner);
	pthread_mutex_unlock(&inner);
	return 0;
}
