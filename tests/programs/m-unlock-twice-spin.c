// expect: misuse ; kind: unlock-unlocked ; locks: spin_idle ; note: a spinlock is released twice
#include "subject.h"

static pthread_spinlock_t spin_idle;

int main(void)
{
	pthread_spin_init(&spin_idle, PTHREAD_PROCESS_PRIVATE);
	pthread_spin_lock(&spin_idle);
	pthread_spin_unlock(&spin_idle);
	pthread_spin_unlock(&spin_idle);
	return 0;
}
