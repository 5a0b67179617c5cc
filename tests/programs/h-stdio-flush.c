// expect: hazard ; kind: stdio-reply ; locks: journal_lock * ; note: a line is read from a stream on a pipe with the lock held that the writer takes after it wrote the line, and before it flushes it
#include "meet.h"

static pthread_mutex_t journal_lock = PTHREAD_MUTEX_INITIALIZER;
static FILE *reader, *writer;
static int gone;

static void *asks(void *arg)
{
	char line[64];

	await(&gone);
	pthread_mutex_lock(&journal_lock);
	if (!fgets(line, sizeof(line), reader))
		abort();
	pthread_mutex_unlock(&journal_lock);
	return arg;
}

static void *answers(void *arg)
{
	fputs("done\n", writer);
	pthread_mutex_lock(&journal_lock);
	pthread_mutex_unlock(&journal_lock);
	through(&gone);
	fflush(writer);
	return arg;
}

int main(void)
{
	int ends[2];

	if (pipe(ends))
		return 1;
	reader = fdopen(ends[0], "r");
	writer = fdopen(ends[1], "w");
	run_two(asks, answers);
	fclose(reader);
	fclose(writer);
	return 0;
}
