// expect: misuse ; kind: assert-none-held ; locks: conn.lock ; note: a callback into foreign code with a lock held
#include "../../include/lockdag/lockdag.h"
#include "subject.h"

static struct conn {
	pthread_mutex_t lock;
	int closed;
} conn = { PTHREAD_MUTEX_INITIALIZER, 0 };
static sem_t slots;

static void callback(void)
{
	lockdag_assert_none_held();
}

int main(void)
{
	sem_init(&slots, 0, 4);
	sem_wait(&slots); /* a count, no lock */
	callback();
	pthread_mutex_lock(&conn.lock);
	callback();
	pthread_mutex_unlock(&conn.lock);
	sem_post(&slots);
	return 0;
}
