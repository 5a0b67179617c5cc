// expect: clean ; kind: lock-class ; locks: names.count pages.count ; note: locks annotated by AnnotateRWLock*, in both orders, and only ever read
#include "annotate.h"

static struct rwspin names, pages;

static void *first(void *arg)
{
	rwspin_lock(&names, 0);
	rwspin_lock(&pages, 0);
	rwspin_unlock(&pages, 0);
	rwspin_unlock(&names, 0);
	return arg;
}

static void *second(void *arg)
{
	nap(50);
	rwspin_lock(&pages, 0);
	rwspin_lock(&names, 0);
	rwspin_unlock(&names, 0);
	rwspin_unlock(&pages, 0);
	return arg;
}

int main(void)
{
	rwspin_init(&names);
	rwspin_init(&pages);
	run_two(first, second);
	return 0;
}
