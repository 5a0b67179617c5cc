// expect: hazard ; kind: wrapper ; locks: zone_lock world_lock ; note: the same for statics: z.zone_lock, not z.zone_lock.mtx ; cflags: -O2
#include <atomic>
#include <chrono>
#include <mutex>
#include <thread>
static std::atomic<int> turn;
static void await(int n)
{
    while (turn < n)
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
}
class Traced {
public:
    void lock() { mtx.lock(); owner = std::this_thread::get_id(); depth++; }
    void unlock() { depth--; owner = {}; mtx.unlock(); }
    bool try_lock() { return mtx.try_lock(); }
private:
    std::mutex mtx;
    std::thread::id owner;
    int depth = 0;
};
static struct { int id; Traced zone_lock; } z;
static Traced world_lock;
int main()
{
    std::thread a([] { { std::lock_guard<Traced> g(z.zone_lock); std::lock_guard<Traced> h(world_lock); } turn = 1; await(2); });
    std::thread b([] { await(1); { std::lock_guard<Traced> h(world_lock); std::lock_guard<Traced> g(z.zone_lock); } turn = 2; });
    a.join();
    b.join();
}
