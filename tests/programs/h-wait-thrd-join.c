// expect: hazard ; kind: lock-join ; locks: lock_list * ; note: thrd_join with a lock held which the thread takes
#include "subject.h"
#include <threads.h>

static mtx_t lock_list;

static int worker(void *arg)
{
	(void)arg;
	if (mtx_lock(&lock_list) == thrd_success)
		mtx_unlock(&lock_list);
	nap(120);
	return 0;
}

int main(void)
{
	thrd_t t;

	mtx_init(&lock_list, mtx_plain);
	thrd_create(&t, worker, NULL);
	nap(40);
	mtx_lock(&lock_list);
	thrd_join(t, NULL);
	mtx_unlock(&lock_list);
	return 0;
}
