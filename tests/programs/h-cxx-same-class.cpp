// expect: hazard ; kind: same-class ; locks: mu mu ; note: two accounts on the heap, both orders
#include "subject.h"
#include <memory>
#include <mutex>
#include <thread>
#include <vector>
struct Account {
	std::mutex mu;
	long v = 0;
};
static void transfer(Account &a, Account &b, long n)
{
	std::lock_guard<std::mutex> g(a.mu);
	std::lock_guard<std::mutex> h(b.mu);
	a.v -= n;
	b.v += n;
}
int main()
{
	std::vector<std::unique_ptr<Account>> v;
	for (int i = 0; i < 4; i++)
		v.push_back(std::make_unique<Account>());
	std::thread a([&] { transfer(*v[0], *v[3], 1); });
	std::thread b([&] {
		nap(60);
		transfer(*v[3], *v[0], 2);
	});
	a.join();
	b.join();
}
