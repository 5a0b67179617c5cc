// expect: hazard ; kind: signal-lock ; locks: lock_l ; note: on an alternate stack
#include "context.h"

static pthread_mutex_t lock_l = PTHREAD_MUTEX_INITIALIZER;

static void on_signal(int number)
{
	(void)number;
	section(&lock_l);
}

int main(void)
{
	static char other[1 << 16];
	stack_t stack = { .ss_sp = other, .ss_size = sizeof(other) };

	sigaltstack(&stack, NULL);
	install(SIGUSR1, on_signal, SA_ONSTACK);
	section(&lock_l);
	raise(SIGUSR1);
	return 0;
}
