/* SPDX-License-Identifier: MIT
 *
 * conf-run++ KIND NOTATION: runs one row of the matrix with C++ locks (conf-run.h).
 */
#include "conf-run.h"

#include <chrono>
#include <mutex>
#include <shared_mutex>

static SET_OF(std::mutex) mutexes;
static SET_OF(std::recursive_mutex) recursive_mutexes;
static SET_OF(std::timed_mutex) timed_mutexes;
static SET_OF(std::shared_mutex) shared_mutexes;
static SET_OF(std::shared_timed_mutex) shared_timed_mutexes;

static std::chrono::seconds timeout(enum notation_do what)
{
	return std::chrono::seconds(what == NOTATION_SHORT ? 1 : 60);
}

template <class Mutex> static bool lock(void *at, enum notation_do what, char)
{
	auto &mutex = *static_cast<Mutex *>(at);

	if (what == NOTATION_TRY)
		return mutex.try_lock();
	mutex.lock();
	return true;
}

template <class Mutex> static void unlock(void *at, char)
{
	static_cast<Mutex *>(at)->unlock();
}

static bool lock_timed(void *at, enum notation_do what, char way)
{
	auto &mutex = *static_cast<std::timed_mutex *>(at);

	if (what == NOTATION_SHORT || what == NOTATION_LONG)
		return mutex.try_lock_for(timeout(what));
	return lock<std::timed_mutex>(at, what, way);
}

template <class Mutex> static bool lock_shared(void *at, enum notation_do what, char way)
{
	auto &mutex = *static_cast<Mutex *>(at);

	if (way == 'w')
		return lock<Mutex>(at, what, way);
	if (what == NOTATION_TRY)
		return mutex.try_lock_shared();
	mutex.lock_shared();
	return true;
}

template <class Mutex> static void unlock_shared(void *at, char way)
{
	if (way == 'w')
		static_cast<Mutex *>(at)->unlock();
	else
		static_cast<Mutex *>(at)->unlock_shared();
}

template <class Mutex, class Set> static struct kind shared(const char *name, Set &set, char way)
{
	return {name, &set, sizeof(Mutex), way, nullptr, lock_shared<Mutex>, unlock_shared<Mutex>};
}

int main(int argc, char **argv)
{
	using recursive = std::recursive_mutex;
	const struct kind kinds[] = {
		{"std", &mutexes, sizeof(std::mutex), 'w', nullptr, lock<std::mutex>,
			unlock<std::mutex>},
		{"std-rec", &recursive_mutexes, sizeof(recursive), 'w', nullptr, lock<recursive>,
			unlock<recursive>},
		{"std-timed", &timed_mutexes, sizeof(std::timed_mutex), 'w', nullptr, lock_timed,
			unlock<std::timed_mutex>},
		shared<std::shared_mutex>("std-shared-w", shared_mutexes, 'w'),
		shared<std::shared_mutex>("std-shared-r", shared_mutexes, 'r'),
		shared<std::shared_timed_mutex>("std-sharedt-w", shared_timed_mutexes, 'w'),
		shared<std::shared_timed_mutex>("std-sharedt-r", shared_timed_mutexes, 'r'),
	};

	return run_main(argc, argv, kinds, sizeof(kinds) / sizeof(kinds[0]), &kinds[0]);
}
