/* SPDX-License-Identifier: MIT
 *
 * Static locks in C++: see statics.c.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "print.h"

#include <array>
#include <condition_variable>
#include <mutex>
#include <pthread.h>
#include <shared_mutex>
#include <utility>
#if __cplusplus >= 202002L
#include <semaphore>
#endif

static std::mutex mu_state;
std::shared_mutex sm_config;

namespace ns
{
std::recursive_mutex x;
namespace
{
std::mutex hidden;
}
struct Bank {
	int n;
	std::mutex guard;
	static std::mutex all;
	static inline std::mutex some;
	void transfer();
};
std::mutex Bank::all;
Bank bank;

void Bank::transfer()
{
	static std::mutex m;
	print_variable(&m, "ns::Bank::transfer()::m", nullptr);
}
} // namespace ns

struct Base {
	int b;
	pthread_mutex_t base_lock;
};
struct Derived : Base {
	std::timed_mutex own;
};
static Derived derived[2];
struct Virtual : virtual Base {
	int v;
};
static Virtual virt;

class SpinLock
{
      public:
	pthread_spinlock_t raw;
};
struct Device {
	int id;
	SpinLock lock;
};
static Device device;

template <typename T> struct Table {
	static std::mutex m;
};
template <typename T> std::mutex Table<T>::m;

static std::array<std::mutex, 3> many;
static std::pair<int, std::mutex> couple;

static struct Waits {
	int n;
	std::once_flag once;
	std::condition_variable cond;
	std::condition_variable_any any;
	std::timed_mutex timed;
	std::shared_timed_mutex shared;
	std::recursive_timed_mutex recursive;
} waits;
static std::once_flag once_conf;
static std::condition_variable cond_p;
static std::condition_variable_any cond_any;
static std::shared_timed_mutex shared_timed;
#if __cplusplus >= 202002L
static std::counting_semaphore<3> sem_count(0);
static struct {
	int n;
	std::binary_semaphore sem{0};
} sems;
#endif

static void print_waits()
{
	print_variable(&waits.once, "waits.once", nullptr);
	print_variable(&waits.cond, "waits.cond", nullptr);
	print_variable(&waits.any, "waits.any", nullptr);
	print_variable(&waits.timed, "waits.timed", nullptr);
	print_variable(&waits.shared, "waits.shared", nullptr);
	print_variable(&waits.recursive, "waits.recursive", nullptr);
	print_variable(&once_conf, "once_conf", nullptr);
	print_variable(&cond_p, "cond_p", nullptr);
	print_variable(&cond_any, "cond_any", nullptr);
	print_variable(&shared_timed, "shared_timed", nullptr);
#if __cplusplus >= 202002L
	print_variable(&sem_count, "sem_count", nullptr);
	print_variable(&sems.sem, "sems.sem", nullptr);
#endif
}

static Base &singleton()
{
	static Base inst;
	return inst;
}

int main()
{
	print_base();
	print_variable(&mu_state, "mu_state", nullptr);
	print_variable(&sm_config, "sm_config", nullptr);
	print_variable(&ns::x, "ns::x", nullptr);
	print_variable(&ns::hidden, "ns::hidden", nullptr);
	print_variable(&ns::Bank::all, "ns::Bank::all", nullptr);
	print_variable(&ns::Bank::some, "ns::Bank::some", nullptr);
	print_variable(&ns::bank.guard, "ns::bank.guard", nullptr);
	ns::bank.transfer();
	print_variable(&derived[1].base_lock, "derived[1].base_lock", "derived[].base_lock");
	print_variable(&derived[0].own, "derived[0].own", "derived[].own");
	print_variable(&virt.base_lock, "virt.base_lock", nullptr);
	print_variable((void *)&device.lock, "device.lock", nullptr);
	print_variable(&Table<int>::m, "Table<int>::m", nullptr);
	print_waits();
	print_variable(&many[2], "many[2]", "many[]");
	print_variable(&couple.second, "couple.second", nullptr);
	print_variable(&singleton().base_lock, "singleton()::inst.base_lock", nullptr);
	return 0;
}
