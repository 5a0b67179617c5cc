// expect: misuse ; kind: assert-held ; locks: table ; note: a function that writes is called with the lock held for reading
#include "../../include/lockdag/lockdag.h"
#include "subject.h"

static pthread_rwlock_t table = PTHREAD_RWLOCK_INITIALIZER;

static void table_write(void)
{
	lockdag_assert_held(&table);
	lockdag_assert_held_write(&table);
}

int main(void)
{
	pthread_rwlock_wrlock(&table);
	table_write();
	pthread_rwlock_unlock(&table);
	pthread_rwlock_rdlock(&table);
	table_write();
	pthread_rwlock_unlock(&table);
	return 0;
}
