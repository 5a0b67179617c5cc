// expect: clean ; kind: lock-class ; locks: cache.owner table.owner ; note: the other order is by a try, one lock is taken again by its owner, and all its levels are given up before the other one is asked for
#include "tsan.h"

static struct spin cache, table;

static void *reader(void *arg)
{
	spin_lock(&cache);
	spin_lock(&cache);
	spin_lock(&table);
	spin_unlock(&table);
	spin_unlock(&cache);
	spin_unlock(&cache);
	return arg;
}

static void *writer(void *arg)
{
	int levels;

	nap(50);
	spin_lock(&table);
	if (spin_try(&cache))
		spin_unlock(&cache);
	spin_unlock(&table);
	nap(10);
	spin_lock(&cache);
	spin_lock(&cache);
	levels = spin_unlock_all(&cache);
	spin_lock_all(&cache, levels);
	spin_lock(&table);
	spin_unlock(&table);
	spin_unlock(&cache);
	spin_unlock(&cache);
	spin_lock(&table);
	spin_unlock(&table);
	return arg;
}

int main(void)
{
	TSAN_SAY(create, &cache, REENTRANT);
	run_two(reader, writer);
	TSAN_SAY(destroy, &cache, 0);
	return 0;
}
