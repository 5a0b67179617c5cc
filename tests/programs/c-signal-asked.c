// expect: clean ; kind: signal-lock ; locks: lock_l ; note: what the program asks about its handlers is true
#include "context.h"

static pthread_mutex_t lock_l = PTHREAD_MUTEX_INITIALIZER;

#define MUST(x)                                  \
	do {                                     \
		if (!(x)) {                      \
			printf("%d: %s\n", __LINE__, #x); \
			exit(1);                 \
		}                                \
	} while (0)

static volatile sig_atomic_t n;

static void on_signal(int number)
{
	(void)number;
	n++;
}

static void on_info(int number, siginfo_t *info, void *context)
{
	n = number == SIGUSR1 && info->si_code == SI_TKILL && context ? 100 : 1;
}

int main(void)
{
	struct sigaction act = { .sa_handler = on_signal, .sa_flags = SA_RESTART }, old;
	sigset_t set;

	sigaddset(&act.sa_mask, SIGUSR2);
	MUST(!sigaction(SIGUSR1, NULL, &old) && old.sa_handler == SIG_DFL && !old.sa_flags);
	MUST(!sigaction(SIGUSR1, &act, &old) && old.sa_handler == SIG_DFL);
	MUST(!sigaction(SIGUSR1, NULL, &old) && old.sa_handler == on_signal);
	MUST((old.sa_flags & (SA_SIGINFO | SA_RESTART | SA_NODEFER)) == SA_RESTART);
	MUST(sigismember(&old.sa_mask, SIGUSR2) && !sigismember(&old.sa_mask, SIGUSR1));
	act.sa_sigaction = on_info;
	act.sa_flags = SA_SIGINFO | (int)SA_RESETHAND;
	MUST(!sigaction(SIGUSR1, &act, &old) && old.sa_handler == on_signal);
	MUST(!sigaction(SIGUSR1, NULL, &old) && old.sa_sigaction == on_info);
	MUST(old.sa_flags & SA_SIGINFO && old.sa_flags & (int)SA_RESETHAND);
	raise(SIGUSR1);
	MUST(n == 100);
	MUST(!sigaction(SIGUSR1, NULL, &old) && old.sa_handler == SIG_DFL);
	MUST(signal(SIGUSR1, on_signal) == SIG_DFL);
	MUST(signal(SIGUSR1, SIG_IGN) == on_signal);
	MUST(signal(SIGUSR1, on_signal) == SIG_IGN);
	raise(SIGUSR1);
	raise(SIGUSR1);
	MUST(n == 102);
	MUST(!sigaction(SIGUSR1, NULL, &old) && old.sa_flags & SA_RESTART);
	MUST(!siginterrupt(SIGUSR1, 1) && signal(SIGUSR1, on_signal) == on_signal);
	MUST(!sigaction(SIGUSR1, NULL, &old) && !(old.sa_flags & SA_RESTART));
	MUST(sigset(SIGUSR1, SIG_HOLD) == on_signal);
	MUST(sigset(SIGUSR1, on_signal) == SIG_HOLD);
	MUST(sigset(SIGUSR1, SIG_DFL) == on_signal);
	MUST(!pthread_sigmask(SIG_SETMASK, NULL, &set) && !sigismember(&set, SIGUSR1));
	MUST(signal(SIGKILL, on_signal) == SIG_ERR && errno == EINVAL);
	MUST(signal(0, on_signal) == SIG_ERR && signal(65, on_signal) == SIG_ERR);
	MUST(sigaction(SIGSTOP, &act, NULL) == -1 && errno == EINVAL);
	return 0;
}
