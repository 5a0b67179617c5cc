// expect: hazard ; kind: mutex-order ; locks: sum.mutex_ log.mutex_ ; note: a class with lock() and unlock() that has work of its own to do is no wrapper: its mutex keeps its name
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
class Account {
public:
    void lock() { mutex_.lock(); }
    void unlock() { mutex_.unlock(); }
    void deposit(int n) { balance_ += n; }
private:
    std::mutex mutex_;
    int balance_ = 0;
};
static Account sum, log;
int main()
{
    std::thread a([] { { std::lock_guard<Account> g(sum); std::lock_guard<Account> h(log); log.deposit(1); } turn = 1; await(2); });
    std::thread b([] { await(1); { std::lock_guard<Account> h(log); std::lock_guard<Account> g(sum); sum.deposit(1); } turn = 2; });
    a.join();
    b.join();
}
