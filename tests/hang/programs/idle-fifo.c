// expect: idle ; kind: pipe ; verdict: outside ; note: a service reads commands from a named pipe, whose other end it keeps open itself: others come by its name
#include "../../programs/subject.h"
#include <fcntl.h>
#include <sys/stat.h>

static sem_t work;

static void *worker(void *arg)
{
	sem_wait(&work);
	return arg;
}

int main(void)
{
	char name[64], command;
	pthread_t t;
	int fd;

	sem_init(&work, 0, 0);
	snprintf(name, sizeof(name), "commands.%d", (int)getpid());
	if (mkfifo(name, 0600) || (fd = open(name, O_RDWR)) < 0)
		return 1;
	pthread_create(&t, NULL, worker, NULL);
	while (read(fd, &command, 1) == 1)
		sem_post(&work);
	return 0;
}
