// expect: misuse ; kind: free-held ; locks: map_lock ; note: a mapping goes while another thread holds the lock in it
#include "subject.h"

#include <sys/mman.h>

static pthread_mutex_t *map_lock;

static void *owner(void *arg)
{
	(void)arg;
	pthread_mutex_lock(map_lock);
	nap(150);
	return NULL;
}

static void *closer(void *arg)
{
	(void)arg;
	nap(60);
	munmap(map_lock, 4096);
	return NULL;
}

int main(void)
{
	map_lock = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	pthread_mutex_init(map_lock, NULL);
	run_two(owner, closer);
	return 0;
}
