// expect: misuse ; kind: use-after-destroy ; locks: sem_dead ; note: a semaphore is waited for after it was destroyed
#include "subject.h"

static sem_t sem_dead;

int main(void)
{
	sem_init(&sem_dead, 0, 1);
	sem_destroy(&sem_dead);
	sem_wait(&sem_dead);
	return 0;
}
