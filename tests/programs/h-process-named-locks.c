// expect: hazard ; kind: process-semaphore ; locks: sem_disk sem_net ; note: two named semaphores of value 1 used as locks, in both orders
#include "file.h"

static char disk[64], net[64];

static void first(void)
{
	sem_t *sem_disk = sem_open(disk, O_CREAT, 0600, 1), *sem_net = sem_open(net, O_CREAT, 0600, 1);

	sem_wait(sem_disk);
	sem_wait(sem_net);
	sem_post(sem_net);
	sem_post(sem_disk);
}

static void second(void)
{
	sem_t *sem_disk = sem_open(disk, O_CREAT, 0600, 1), *sem_net = sem_open(net, O_CREAT, 0600, 1);

	nap(60);
	sem_wait(sem_net);
	sem_wait(sem_disk);
	sem_post(sem_disk);
	sem_post(sem_net);
}

int main(void)
{
	snprintf(disk, sizeof(disk), "/lockdag-d-%d", (int)getpid());
	snprintf(net, sizeof(net), "/lockdag-n-%d", (int)getpid());
	run_two_processes(first, second);
	sem_unlink(disk);
	sem_unlink(net);
	return 0;
}
