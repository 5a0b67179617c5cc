// expect: clean ; kind: signal-lock ; locks: lock_l ; note: a handler writes to a pipe that the main loop reads (the self-pipe)
#include "context.h"

static pthread_mutex_t lock_l = PTHREAD_MUTEX_INITIALIZER;

static int ends[2];

static void on_signal(int number)
{
	char byte = (char)number;

	if (write(ends[1], &byte, 1) != 1)
		_exit(3);
}

int main(void)
{
	char byte;

	if (pipe(ends))
		return 1;
	install(SIGUSR1, on_signal, SA_RESTART);
	for (int i = 0; i < 3; i++) {
		pthread_mutex_lock(&lock_l);
		raise(SIGUSR1);
		pthread_mutex_unlock(&lock_l);
		if (read(ends[0], &byte, 1) != 1)
			return 1;
	}
	return 0;
}
