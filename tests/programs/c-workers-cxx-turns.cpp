// expect: clean ; kind: workqueue-flush ; locks: future_get work ; note: one client that gets what a task gives before it submits the next one; some are ready by then, some are not
#include "workers.hpp"

int main()
{
	Crew crew(2);

	for (int i = 0; i < 4; i++) {
		int over = 0;
		auto result = crew.submit([&] {
			int r = crew.whole();

			flag_set(&over);
			return r;
		});

		if (i % 2)
			flag_await(&over);
		result.get();
	}
	return 0;
}
