// expect: clean ; kind: reply-socket ; locks: lock_server * ; note: two threads ask a server, whose answers lockdag does not see, and wait with the lock held; what they write to it ends no wait for its answers
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "subject.h"

static pthread_mutex_t lock_server = PTHREAD_MUTEX_INITIALIZER;
static int fds[2];

static void ask(void)
{
	char c = 'q';

	pthread_mutex_lock(&lock_server);
	if (write(fds[0], &c, 1) != 1 || read(fds[0], &c, 1) != 1)
		c = 0;
	pthread_mutex_unlock(&lock_server);
}

static void *client(void *arg)
{
	for (int i = 0; i < 3; i++)
		ask();
	return arg;
}

int main(void)
{
	pthread_t t;
	char c;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds))
		return 1;
	pid = fork();
	if (!pid) {
		close(fds[0]);
		while (syscall(SYS_read, fds[1], &c, 1) == 1)
			syscall(SYS_write, fds[1], &c, 1);
		_exit(0);
	}
	close(fds[1]);
	pthread_create(&t, NULL, client, NULL);
	client(NULL);
	pthread_join(t, NULL);
	close(fds[0]);
	waitpid(pid, NULL, 0);
	return 0;
}
