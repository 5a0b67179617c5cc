// expect: misuse ; kind: destroy-held ; locks: gone_lock ; note: a mutex is destroyed by the thread that holds it
#include "subject.h"

static pthread_mutex_t gone_lock;

int main(void)
{
	pthread_mutex_init(&gone_lock, NULL);
	pthread_mutex_lock(&gone_lock);
	pthread_mutex_destroy(&gone_lock);
	return 0;
}
