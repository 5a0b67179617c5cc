// expect: clean ; kind: process-semaphore ; locks: * * ; probe: probe ; note: two processes take two semaphores of a System V set in one order
#include "file.h"
#include "meet.h"

#include <sys/sem.h>

static int set, *gone;

static void change(int number, int by)
{
	struct sembuf operation = { (unsigned short)number, (short)by, SEM_UNDO };

	if (semop(set, &operation, 1))
		abort();
}

static void both(int outer, int inner)
{
	change(outer, -1);
	change(inner, -1);
	change(inner, 1);
	change(outer, 1);
}

static void forward(void)
{
	both(0, 1);
	through(gone);
}

static void backward(void)
{
	await(gone);
	both(0, 1);
}

int main(int argc, char **argv)
{
	(void)argv;
	set = semget(IPC_PRIVATE, 2, IPC_CREAT | 0600);
	if (set < 0)
		return argc > 1 ? 77 : 1;
	if (argc == 1) {
		gone = shared_memory(sizeof(*gone));
		semctl(set, 0, SETVAL, 1);
		semctl(set, 1, SETVAL, 1);
		run_two_processes(forward, backward);
	}
	semctl(set, 0, IPC_RMID);
	return 0;
}
