// expect: hazard ; kind: mutex-order ; locks: mu_subject mu_view ; note: callbacks run under the subject's mutex
#include "subject.h"
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>
class Subject
{
	std::mutex mu_subject;
	std::vector<std::function<void(int)>> obs;

      public:
	void on(std::function<void(int)> f)
	{
		std::lock_guard<std::mutex> g(mu_subject);
		obs.push_back(f);
	}
	void set(int v)
	{
		std::lock_guard<std::mutex> g(mu_subject);
		for (auto &f : obs)
			f(v);
	}
};
class View
{
	std::mutex mu_view;
	Subject &s;
	int last = 0;

      public:
	View(Subject &x) : s(x)
	{
		s.on([this](int v) {
			std::lock_guard<std::mutex> g(mu_view);
			last = v;
		});
	}
	void refresh()
	{
		std::lock_guard<std::mutex> g(mu_view);
		s.on([](int) {});
	}
};
int main()
{
	auto s = std::make_unique<Subject>();
	auto v = std::make_unique<View>(*s);
	std::thread a([&] { s->set(3); });
	std::thread b([&] {
		nap(60);
		v->refresh();
	});
	a.join();
	b.join();
}
