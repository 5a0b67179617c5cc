// expect: hazard ; kind: file-lock ; locks: spool_stream index_stream ; note: nothing but the streams has a name
#include "file.h"

static __thread FILE *spool_stream, *index_stream;
static char paths[2][40] = { "/tmp/lockdag-s-XXXXXX", "/tmp/lockdag-i-XXXXXX" };

static const char *path_of(int i)
{
	static __thread char path[64];

	snprintf(path, sizeof(path), "%s", paths[i]);
	return path;
}

static void *first(void *arg)
{
	(void)arg;
	spool_stream = fopen(path_of(0), "r+");
	index_stream = fopen(path_of(1), "r+");
	flock(fileno(spool_stream), LOCK_EX);
	flock(fileno(index_stream), LOCK_EX);
	fclose(index_stream);
	fclose(spool_stream);
	return NULL;
}

static void *second(void *arg)
{
	(void)arg;
	nap(60);
	spool_stream = fopen(path_of(0), "r+");
	index_stream = fopen(path_of(1), "r+");
	flock(fileno(index_stream), LOCK_EX);
	flock(fileno(spool_stream), LOCK_EX);
	fclose(index_stream);
	fclose(spool_stream);
	return NULL;
}

int main(void)
{
	close(mkstemp(paths[0]));
	close(mkstemp(paths[1]));
	run_two(first, second);
	unlink(paths[0]);
	unlink(paths[1]);
	return 0;
}
