// expect: hazard ; kind: cxx-mutex ; locks: registry_mutex plugin_mutex ; note: methods of two classes that call each other with their own member mutex held
#include <chrono>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <thread>

class Plugin;

class Registry {
public:
	void reload(Plugin &p);
	void count();

private:
	std::mutex registry_mutex;
	int n = 0;
};

class Plugin {
public:
	void stop(Registry &r);
	void touch();

private:
	std::mutex plugin_mutex;
	int n = 0;
};

void Registry::reload(Plugin &p)
{
	std::lock_guard<std::mutex> guard(registry_mutex);
	p.touch();
}

void Registry::count()
{
	std::lock_guard<std::mutex> guard(registry_mutex);
	n++;
}

void Plugin::stop(Registry &r)
{
	std::unique_lock<std::mutex> guard(plugin_mutex);
	r.count();
}

void Plugin::touch()
{
	std::lock_guard<std::mutex> guard(plugin_mutex);
	n++;
}

int main()
{
	auto registry = std::make_shared<Registry>();
	auto plugin = std::make_shared<Plugin>();
	std::thread a([=] { registry->reload(*plugin); });
	std::thread b([=] {
		std::this_thread::sleep_for(std::chrono::milliseconds(60));
		plugin->stop(*registry);
	});
	a.join();
	b.join();
	return 0;
}
