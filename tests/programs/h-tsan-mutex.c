// expect: hazard ; kind: lock-class ; locks: cache.owner table.owner ; note: two locks of the program's own, known by their annotations for TSan, in both orders
#include "tsan.h"

static struct spin cache, table;

static void *reader(void *arg)
{
	spin_lock(&cache);
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
	run_two(reader, writer);
	return 0;
}
