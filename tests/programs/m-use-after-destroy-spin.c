// expect: misuse ; kind: use-after-destroy ; locks: spin_dead ; note: a spinlock is taken after it was destroyed
#include "subject.h"

static pthread_spinlock_t spin_dead;

int main(void)
{
	pthread_spin_init(&spin_dead, PTHREAD_PROCESS_PRIVATE);
	pthread_spin_lock(&spin_dead);
	pthread_spin_unlock(&spin_dead);
	pthread_spin_destroy(&spin_dead);
	pthread_spin_lock(&spin_dead);
	pthread_spin_unlock(&spin_dead);
	return 0;
}
