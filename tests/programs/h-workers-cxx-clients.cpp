// expect: hazard ; kind: workqueue-flush ; locks: future_get work ; note: two workers; two clients each get what a task gives that has a part done by the same pool; they never meet in this run
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
	Crew crew(2);
	std::thread a(client, &crew, nullptr), b(client, &crew, &first_over);

	a.join();
	b.join();
	return 0;
}
