// expect: hang ; kind: pipe-reply ; locks: lock reply_pipe ; note: pipes of an object on the heap, whose numbers no code puts at a fixed address
#include "../../programs/meet.h"

struct service {
	pthread_mutex_t lock;
	int requests[2], replies[2];
};

static void *serve(void *arg)
{
	struct service *s = arg;
	char c;

	meet(2);
	if (read(s->requests[0], &c, 1) != 1)
		abort();
	pthread_mutex_lock(&s->lock);
	pthread_mutex_unlock(&s->lock);
	if (write(s->replies[1], &c, 1) != 1)
		abort();
	return NULL;
}

static void *ask(void *arg)
{
	struct service *s = arg;
	char c = 0;

	pthread_mutex_lock(&s->lock);
	meet(2);
	if (write(s->requests[1], &c, 1) != 1 || read(s->replies[0], &c, 1) != 1)
		abort();
	pthread_mutex_unlock(&s->lock);
	return NULL;
}

int main(void)
{
	struct service *s = calloc(1, sizeof(*s));
	pthread_t a, b;

	pthread_mutex_init(&s->lock, NULL);
	if (pipe(s->requests) || pipe(s->replies))
		return 1;
	pthread_create(&a, NULL, serve, s);
	pthread_create(&b, NULL, ask, s);
	pthread_join(a, NULL);
	pthread_join(b, NULL);
	return 0;
}
