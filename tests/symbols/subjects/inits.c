/* SPDX-License-Identifier: MIT
 *
 * Locks that a call initialises: twelve ways to write it, and what each lock is called.
 */
#include "capture.h"

#define NOINLINE __attribute__((noinline))

struct queue {
	int n;
	pthread_mutex_t l[4];
};
struct device {
	int id;
	pthread_mutex_t mm_lock;
	struct queue q;
	struct device *peer;
};
typedef struct {
	long n;
	pthread_mutex_t m;
} connection;
struct only {
	pthread_mutex_t dir_lock;
};

#define DEVICE_INIT(d)                                                                             \
	do {                                                                                       \
		pthread_mutex_init(&(d)->mm_lock, 0);                                              \
	} while (0)

static pthread_mutex_t *lock_table;
static volatile int three = 3;

NOINLINE static struct device *plain(void)
{
	struct device *dev = calloc(1, sizeof(*dev));

	expect("&dev->mm_lock", "device.mm_lock");
	pthread_mutex_init(&dev->mm_lock, 0);
	dev->id = 1;
	return dev;
}

NOINLINE static void from_parameter(struct device *dev)
{
	expect("&dev->q.l[2]", "queue.l[]");
	pthread_mutex_init(&dev->q.l[2], 0);
	dev->id++;
}

NOINLINE static void many_lines(struct device *dev)
{
	expect("&dev->mm_lock", "device.mm_lock");
	pthread_mutex_init(&dev /* of ours */
				    ->mm_lock,
		NULL);
	dev->id++;
}

NOINLINE static void by_macro(struct device *dev)
{
	expect("device.mm_lock", "device.mm_lock");
	DEVICE_INIT(dev);
	dev->id++;
}

NOINLINE static void my_init(pthread_mutex_t *m)
{
	pthread_mutex_init(m, 0);
	three = 3;
}

static inline __attribute__((always_inline)) void inline_init(int x, pthread_mutex_t *m)
{
	three = x;
	pthread_mutex_init(m, 0);
	three = 3;
}

NOINLINE static void by_wrapper(struct device *dev)
{
	expect("&dev->q.l[0]", "queue.l[]");
	my_init(&dev->q.l[0]);
	dev->id++;
}

NOINLINE static void by_inline_wrapper(struct device *dev)
{
	expect("&dev->mm_lock", "device.mm_lock");
	inline_init(4, &dev->mm_lock);
	dev->id++;
}

NOINLINE static void by_alias(struct device *dev)
{
	pthread_mutex_t *m = &dev->mm_lock;

	expect("&dev->mm_lock", "device.mm_lock");
	pthread_mutex_init(m, 0);
	dev->id++;
}

NOINLINE static void by_typedef(connection *conn)
{
	expect("&conn->m", "connection.m");
	pthread_mutex_init(&conn->m, 0);
	conn->n++;
}

NOINLINE static void in_loop(struct device *dev)
{
	for (int i = 0; i < three; i++) {
		expect("&dev->q.l[i]", "queue.l[]");
		pthread_mutex_init(&dev->q.l[i], 0);
	}
	dev->id++;
}

NOINLINE static void by_peer(struct device *dev)
{
	expect("&dev->peer->mm_lock", "device.mm_lock");
	pthread_mutex_init(&dev->peer->mm_lock, 0);
	dev->id++;
}

NOINLINE static void by_double_pointer(struct device **pp)
{
	expect("&(*pp)->mm_lock", "device.mm_lock");
	pthread_mutex_init(&(*pp)->mm_lock, 0);
	(*pp)->id++;
}

NOINLINE static void sole_member(void)
{
	struct only *d = malloc(sizeof(*d));

	expect("&d->dir_lock", "only.dir_lock");
	pthread_mutex_init(&d->dir_lock, 0);
	three = 3;
	free(d);
}

NOINLINE static void global_pointer(void)
{
	lock_table = malloc(sizeof(*lock_table));
	expect("lock_table", "lock_table");
	pthread_mutex_init(lock_table, 0);
	free(lock_table);
}

NOINLINE static void on_stack(void)
{
	pthread_mutex_t m;

	expect("&m", "on_stack:m");
	pthread_mutex_init(&m, 0);
	three = 3;
}

NOINLINE static void tail_call(struct device *dev)
{
	/* Optimised, the frame is gone when the lock is seen, and nothing can tell. */
	expect("-", EXPECT_TAIL("device.mm_lock"));
	pthread_mutex_init(&dev->mm_lock, 0);
}

NOINLINE static void by_cast(void *opaque)
{
	expect("&((struct device*)opaque)->mm_lock", "device.mm_lock");
	pthread_mutex_init(&((struct device *)opaque)->mm_lock, 0);
	three = 3;
}

#define CHECK(call)                                                                                \
	do {                                                                                       \
		if (call)                                                                          \
			abort();                                                                   \
	} while (0)

NOINLINE static void in_macro(struct device *dev)
{
	expect("&dev->peer->mm_lock", "device.mm_lock");
	CHECK(pthread_mutex_init(&dev->peer->mm_lock, 0));
	dev->id++;
}

static struct device *devices[2];
static connection *connections[1];

int main(void)
{
	capture_modules();
	devices[0] = plain();
	devices[1] = calloc(1, sizeof(*devices[1]));
	devices[0]->peer = devices[1];
	connections[0] = calloc(1, sizeof(connection));
	from_parameter(devices[0]);
	many_lines(devices[0]);
	by_macro(devices[0]);
	by_wrapper(devices[0]);
	by_inline_wrapper(devices[0]);
	by_alias(devices[0]);
	by_typedef(connections[0]);
	in_loop(devices[0]);
	by_peer(devices[0]);
	by_double_pointer(&devices[1]);
	sole_member();
	global_pointer();
	on_stack();
	by_cast(devices[0]);
	in_macro(devices[0]);
	tail_call(devices[0]);
	return 0;
}
