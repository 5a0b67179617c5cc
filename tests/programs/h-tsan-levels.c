// expect: hazard ; kind: lock-class ; locks: cache.owner table.owner ; note: both levels of a lock are given up for a wait and taken back; one unlock later it is still held when the other lock is asked for
#include "tsan.h"

static struct spin cache, table;

static void *waiter(void *arg)
{
	int levels;

	spin_lock(&cache);
	spin_lock(&cache);
	levels = spin_unlock_all(&cache);
	spin_lock_all(&cache, levels);
	spin_unlock(&cache);
	spin_lock(&table);
	spin_unlock(&table);
	spin_unlock(&cache);
	return arg;
}

static void *writer(void *arg)
{
	nap(50);
	spin_lock(&table);
	spin_lock(&cache);
	spin_unlock(&cache);
	spin_unlock(&table);
	return arg;
}

int main(void)
{
	TSAN_SAY(create, &cache, REENTRANT);
	run_two(waiter, writer);
	return 0;
}
