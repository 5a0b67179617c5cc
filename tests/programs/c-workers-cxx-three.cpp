// expect: clean ; kind: workqueue-flush ; locks: future_get work ; note: the same clients, and three workers
#include "workers.hpp"

static int first_over, second_here;

static void client(Crew *crew, int *after)
{
	if (after) {
		flag_set(&second_here);
		flag_await(after);
	} else {
		flag_await(&second_here);
	}
	crew->submit([crew] { return crew->whole(); }).get();
	flag_set(&first_over);
}

int main()
{
	Crew crew(3);
	std::thread a(client, &crew, nullptr), b(client, &crew, &first_over);

	a.join();
	b.join();
	return 0;
}
