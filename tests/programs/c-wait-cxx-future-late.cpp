// expect: clean ; kind: lock-future ; locks: mu_index future_get ; note: a get() whose value comes between its look at the state and its wait: it does not wait and nobody wakes it, so the futures before it, whose producers took the lock, say nothing about it
#include <chrono>
#include <future>
#include <mutex>
#include <thread>
#include <vector>
static std::mutex mu_index;
static int n_index;
/* What get() does when the value comes just then: libstdc++'s call with the state as it was before. */
struct late : std::__atomic_futex_unsigned_base {
    unsigned state = 1;
    void wait() { _M_futex_wait_until(&state, 0x80000000u, false, {}, {}); }
};
int main()
{
    std::promise<void> end;
    std::shared_future<void> ended = end.get_future();
    std::vector<std::thread> producers;
    for (int i = 0; i < 3; i++) {
        auto p = std::make_shared<std::promise<int>>();
        std::future<int> f = p->get_future();
        producers.emplace_back([p, ended] {
            { std::lock_guard<std::mutex> g(mu_index); n_index++; }
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
            p->set_value(1);
            ended.wait();
        });
        f.get();
    }
    {
        std::lock_guard<std::mutex> g(mu_index);
        late l;
        l.wait();
    }
    end.set_value();
    for (auto &t : producers)
        t.join();
}
