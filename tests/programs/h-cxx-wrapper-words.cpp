// expect: hazard ; kind: wrapper ; locks: zone_lock world_lock ; note: a class that locks and unlocks and does nothing else is a lock, whatever it is called: members of heap objects have their own names, and are not one class
#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <thread>
static std::atomic<int> turn;
static void await(int n)
{
    while (turn < n)
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
}
class Sentry {
public:
    Sentry() = default;
    Sentry(const Sentry &) = delete;
    Sentry &operator=(const Sentry &) = delete;
    void acquire() { inner_.lock(); holder_ = std::this_thread::get_id(); }
    void release() { holder_ = {}; inner_.unlock(); }
    bool is_held() const { return holder_ != std::thread::id(); }
private:
    std::mutex inner_;
    std::thread::id holder_;
};
class Keep {
public:
    explicit Keep(Sentry *s) : s_(s) { s_->acquire(); }
    ~Keep() { s_->release(); }
private:
    Sentry *s_;
};
struct Zone { int id = 1; Sentry zone_lock; };
struct World { Sentry world_lock; int t = 0; };
static void enter(Zone *z, World *w) { Keep a(&z->zone_lock); Keep b(&w->world_lock); z->id++; w->t++; }
static void tick(Zone *z, World *w) { Keep b(&w->world_lock); Keep a(&z->zone_lock); z->id++; w->t++; }
int main()
{
    auto z = std::make_unique<Zone>();
    auto w = std::make_shared<World>();
    std::thread a([&] { enter(z.get(), w.get()); turn = 1; await(2); });
    std::thread b([&] { await(1); tick(z.get(), w.get()); turn = 2; });
    a.join();
    b.join();
}
