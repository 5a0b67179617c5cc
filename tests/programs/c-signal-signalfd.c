// expect: clean ; kind: signal-lock ; locks: lock_l ; note: the signal is read from a descriptor
#include "context.h"

#include <sys/signalfd.h>

static pthread_mutex_t lock_l = PTHREAD_MUTEX_INITIALIZER;

int main(void)
{
	struct signalfd_siginfo info;
	sigset_t set;
	int fd;

	mask(SIG_BLOCK, SIGUSR1);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	fd = signalfd(-1, &set, 0);
	section(&lock_l);
	raise(SIGUSR1);
	if (read(fd, &info, sizeof(info)) != sizeof(info))
		return 1;
	section(&lock_l);
	return 0;
}
