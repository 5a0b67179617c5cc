// expect: hazard ; kind: file-lock ; locks: log_path lock_table ; note: the file is a stream
#include "file.h"

static char log_path[] = "/tmp/lockdag-l-XXXXXX";
static pthread_mutex_t lock_table = PTHREAD_MUTEX_INITIALIZER;

static void *first(void *arg)
{
	FILE *log = fopen(log_path, "a");

	(void)arg;
	flock(fileno(log), LOCK_EX);
	pthread_mutex_lock(&lock_table);
	pthread_mutex_unlock(&lock_table);
	fclose(log);
	return NULL;
}

static void *second(void *arg)
{
	FILE *log = fopen(log_path, "a");

	(void)arg;
	nap(60);
	pthread_mutex_lock(&lock_table);
	flock(fileno(log), LOCK_EX);
	fclose(log);
	pthread_mutex_unlock(&lock_table);
	return NULL;
}

int main(void)
{
	close(mkstemp(log_path));
	run_two(first, second);
	unlink(log_path);
	return 0;
}
