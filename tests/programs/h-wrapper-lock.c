// expect: hazard ; kind: wrapper ; locks: folder_lock mail_lock ; note: heap locks, never initialised by a call, all taken in one helper
#include "subject.h"

struct folder {
	pthread_mutex_t folder_lock;
};

struct mail {
	pthread_mutex_t mail_lock;
};

static struct folder *folder;
static struct mail *mail;

static __attribute__((noinline)) void my_lock(pthread_mutex_t *lock)
{
	pthread_mutex_lock(lock);
}

static __attribute__((noinline)) void my_unlock(pthread_mutex_t *lock)
{
	pthread_mutex_unlock(lock);
}

static void *first(void *arg)
{
	(void)arg;
	my_lock(&folder->folder_lock);
	my_lock(&mail->mail_lock);
	my_unlock(&mail->mail_lock);
	my_unlock(&folder->folder_lock);
	return NULL;
}

static void *second(void *arg)
{
	(void)arg;
	nap(60);
	my_lock(&mail->mail_lock);
	my_lock(&folder->folder_lock);
	my_unlock(&folder->folder_lock);
	my_unlock(&mail->mail_lock);
	return NULL;
}

int main(void)
{
	folder = calloc(1, sizeof(*folder));
	mail = calloc(1, sizeof(*mail));
	run_two(first, second);
	return 0;
}
