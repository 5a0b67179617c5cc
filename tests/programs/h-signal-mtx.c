// expect: hazard ; kind: signal-lock ; locks: lock_m ; note: a mutex of C11
#include "context.h"

#include <threads.h>

static mtx_t lock_m;

static void on_signal(int number)
{
	(void)number;
	mtx_lock(&lock_m);
	mtx_unlock(&lock_m);
}

int main(void)
{
	mtx_init(&lock_m, mtx_plain);
	install(SIGUSR1, on_signal, 0);
	mtx_lock(&lock_m);
	mtx_unlock(&lock_m);
	raise(SIGUSR1);
	return 0;
}
