// expect: hazard ; kind: lock-class ; locks: names.count pages.count ; note: locks annotated by AnnotateRWLock*, one read-held and the other wanted by a writer, in both orders
#include "annotate.h"

static struct rwspin names, pages;

static void *first(void *arg)
{
	rwspin_lock(&names, 0);
	rwspin_lock(&pages, 1);
	rwspin_unlock(&pages, 1);
	rwspin_unlock(&names, 0);
	return arg;
}

static void *second(void *arg)
{
	nap(50);
	rwspin_lock(&pages, 1);
	rwspin_lock(&names, 1);
	rwspin_unlock(&names, 1);
	rwspin_unlock(&pages, 1);
	return arg;
}

int main(void)
{
	rwspin_init(&names);
	rwspin_init(&pages);
	run_two(first, second);
	return 0;
}
