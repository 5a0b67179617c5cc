// expect: hazard ; kind: file-stream ; locks: log_stream out_stream ; note: flockfile on two streams in both orders
#include "file.h"

static FILE *log_stream, *out_stream;

static void *first(void *arg)
{
	(void)arg;
	flockfile(log_stream);
	flockfile(out_stream);
	funlockfile(out_stream);
	funlockfile(log_stream);
	return NULL;
}

static void *second(void *arg)
{
	(void)arg;
	nap(60);
	flockfile(out_stream);
	flockfile(log_stream);
	funlockfile(log_stream);
	funlockfile(out_stream);
	return NULL;
}

int main(void)
{
	log_stream = tmpfile();
	out_stream = tmpfile();
	run_two(first, second);
	return 0;
}
