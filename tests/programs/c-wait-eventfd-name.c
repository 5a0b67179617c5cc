// expect: clean ; kind: pipe-reply ; locks: ui_lock answered ; note: an event counter that a function makes and a member keeps is read with the lock held that its writer takes afterwards
#include "meet.h"

#include <stdint.h>
#include <sys/eventfd.h>

struct call {
	int answered;
};

static pthread_mutex_t ui_lock = PTHREAD_MUTEX_INITIALIZER;
static struct call *call;
static int told;

static __attribute__((noinline)) int make_event(void)
{
	return eventfd(0, EFD_CLOEXEC);
}

static void *service(void *arg)
{
	const uint64_t one = 1;

	if (write(call->answered, &one, sizeof(one)) != sizeof(one))
		abort();
	pthread_mutex_lock(&ui_lock);
	pthread_mutex_unlock(&ui_lock);
	through(&told);
	return arg;
}

int main(void)
{
	uint64_t value;
	pthread_t t;

	call = calloc(1, sizeof(*call));
	call->answered = make_event();
	pthread_create(&t, NULL, service, NULL);
	await(&told);
	pthread_mutex_lock(&ui_lock);
	if (read(call->answered, &value, sizeof(value)) != sizeof(value))
		return 1;
	pthread_mutex_unlock(&ui_lock);
	pthread_join(t, NULL);
	free(call);
	return 0;
}
