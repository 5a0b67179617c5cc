// expect: hazard ; kind: scale ; locks: lock_1000 lock_1003 ; note: one inversion among 256 classes
#include "subject.h"

/* 256 classes: 4^4 locks made by name */
#define L1(p) static pthread_mutex_t p = PTHREAD_MUTEX_INITIALIZER;
#define L4(p) L1(p##0) L1(p##1) L1(p##2) L1(p##3)
#define L16(p) L4(p##0) L4(p##1) L4(p##2) L4(p##3)
#define L64(p) L16(p##0) L16(p##1) L16(p##2) L16(p##3)
L64(lock_0) L64(lock_1) L64(lock_2) L64(lock_3)

#define A1(p) &p,
#define A4(p) A1(p##0) A1(p##1) A1(p##2) A1(p##3)
#define A16(p) A4(p##0) A4(p##1) A4(p##2) A4(p##3)
#define A64(p) A16(p##0) A16(p##1) A16(p##2) A16(p##3)
static pthread_mutex_t *const all[] = { A64(lock_0) A64(lock_1) A64(lock_2) A64(lock_3) };

/* every lock with 16 later ones */
static void *rising(void *arg)
{
	(void)arg;
	for (int i = 0; i < 256; i++)
		for (int j = i + 1; j < 256 && j < i + 17; j++) {
			pthread_mutex_lock(all[i]);
			pthread_mutex_lock(all[j]);
			pthread_mutex_unlock(all[j]);
			pthread_mutex_unlock(all[i]);
		}
	return NULL;
}

static void *falling(void *arg)
{
	(void)arg;
	nap(200);
	pthread_mutex_lock(&lock_1003);
	pthread_mutex_lock(&lock_1000);
	pthread_mutex_unlock(&lock_1000);
	pthread_mutex_unlock(&lock_1003);
	return NULL;
}

int main(void)
{
	run_two(rising, falling);
	return 0;
}
