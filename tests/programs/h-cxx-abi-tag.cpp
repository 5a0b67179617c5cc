// expect: hazard ; kind: mutex-order ; locks: users.m_ titles.m_ ; note: variables whose type has std::string in it have the tag of its ABI in their symbols: it is no part of their names
#include <atomic>
#include <chrono>
#include <map>
#include <mutex>
#include <string>
#include <thread>
static std::atomic<int> turn;
static void await(int n)
{
    while (turn < n)
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
}
template <class T> class monitor {
public:
    template <class F> void with(F f)
    {
        std::lock_guard<std::mutex> g(m_);
        f(v_);
    }
private:
    std::mutex m_;
    T v_;
};
monitor<std::map<int, std::string>> users;
monitor<std::string> titles;
int main()
{
    std::thread a([] { users.with([](auto &u) { titles.with([&](auto &t) { u[1] = t; }); }); turn = 1; await(2); });
    std::thread b([] { await(1); titles.with([](auto &t) { users.with([&](auto &u) { t = u[1]; }); }); turn = 2; });
    a.join();
    b.join();
}
