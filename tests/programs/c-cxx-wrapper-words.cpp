// expect: clean ; kind: wrapper ; locks: zone_lock world_lock ; note: the locks of two kinds of objects through one wrapper with an odd name: always zone before world, nine times at rising addresses and once at falling ones
#include <memory>
#include <mutex>
#include <thread>
#include <vector>
class Sentry {
public:
    void acquire() { inner_.lock(); holder_ = std::this_thread::get_id(); }
    void release() { holder_ = {}; inner_.unlock(); }
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
int main()
{
    struct Pair { Zone z; World w; };
    struct Other { World w; Zone z; };
    std::vector<std::unique_ptr<Pair>> pairs;
    auto last = std::make_unique<Other>();
    for (int i = 0; i < 9; i++)
        pairs.push_back(std::make_unique<Pair>());
    std::thread a([&] { for (auto &p : pairs) enter(&p->z, &p->w); });
    std::thread b([&] { enter(&last->z, &last->w); });
    std::thread c([&] { for (auto &p : pairs) enter(&p->z, &p->w); });
    a.join();
    b.join();
    c.join();
}
