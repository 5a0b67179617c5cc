// expect: hazard ; kind: process-condvar ; locks: board->outer board->ready ; note: waits for a shared condition with an outer mutex held that the other process takes before it signals
#include "file.h"

struct board {
	pthread_mutex_t outer, inner;
	pthread_cond_t ready;
	int done;
};
static struct board *board;

static void board_init(void)
{
	pthread_condattr_t a;

	board = shared_memory(sizeof(*board));
	shared_mutex_init(&board->outer);
	shared_mutex_init(&board->inner);
	pthread_condattr_init(&a);
	pthread_condattr_setpshared(&a, PTHREAD_PROCESS_SHARED);
	pthread_cond_init(&board->ready, &a);
}

static void first(void)
{
	pthread_mutex_lock(&board->outer);
	pthread_mutex_unlock(&board->outer);
	nap(120);
	pthread_mutex_lock(&board->inner);
	board->done = 1;
	pthread_cond_signal(&board->ready);
	pthread_mutex_unlock(&board->inner);
}

static void second(void)
{
	nap(60);
	pthread_mutex_lock(&board->outer);
	pthread_mutex_lock(&board->inner);
	while (!board->done)
		pthread_cond_wait(&board->ready, &board->inner);
	pthread_mutex_unlock(&board->inner);
	pthread_mutex_unlock(&board->outer);
}

int main(void)
{
	board_init();
	run_two_processes(first, second);
	return 0;
}
