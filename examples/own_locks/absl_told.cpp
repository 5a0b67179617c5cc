// SPDX-License-Identifier: MIT
//
// absl::Mutex and absl::CondVar as locks that lockdag knows, for a library that was built without
// annotations (Debian's is: ThreadSanitizer's come in when Abseil itself is compiled, and its tracer tells of contended
// operations alone). Linked into a program, these members come before the shared library's, say what
// happens and call them; no line of the program changes. They are found by the names that the compiler
// gives them, in whichever inline namespace this version of Abseil has.
//
// Not told: conditions (Await, LockWhen), which are locks and waits in one.
#include <absl/base/options.h>
#include <absl/synchronization/mutex.h>
#include <dlfcn.h>
#include <lockdag/lockdag.h>

#include <cstdio>
#include <cstdlib>
#include <string>

namespace
{
#define TEXT_OF(x) #x
#define TEXT(x) TEXT_OF(x)

std::string nested(const char *name)
{
	return std::to_string(std::string(name).size()) + name;
}

// member: its class and name as they are mangled, with its parameters: "5Mutex4LockEv".
void *find(const char *member)
{
	std::string name = "_ZN" + nested("absl");

#if ABSL_OPTION_USE_INLINE_NAMESPACE
	name += nested(TEXT(ABSL_OPTION_INLINE_NAMESPACE_NAME));
#endif
	void *found = dlsym(RTLD_NEXT, (name + member).c_str());
	if (!found) {
		std::fprintf(stderr, "absl_told: no %s%s in any library\n", name.c_str(), member);
		std::abort();
	}
	return found;
}

template <class F> F real(const char *member)
{
	return reinterpret_cast<F>(find(member));
}

using on_mutex = void (*)(absl::Mutex *);
using try_mutex = bool (*)(absl::Mutex *);
using on_condition = void (*)(absl::CondVar *);
} // namespace

namespace absl
{
ABSL_NAMESPACE_BEGIN

void Mutex::Lock()
{
	static const on_mutex lock = real<on_mutex>("5Mutex4LockEv");

	lockdag_acquiring(this, nullptr, LOCKDAG_WRITE);
	lock(this);
	lockdag_acquired(this, nullptr, LOCKDAG_WRITE);
}

bool Mutex::TryLock()
{
	static const try_mutex lock = real<try_mutex>("5Mutex7TryLockEv");
	bool got = lock(this);

	if (got)
		lockdag_acquired(this, nullptr, LOCKDAG_WRITE);
	return got;
}

void Mutex::Unlock()
{
	static const on_mutex unlock = real<on_mutex>("5Mutex6UnlockEv");

	lockdag_released(this);
	unlock(this);
}

void Mutex::ReaderLock()
{
	static const on_mutex lock = real<on_mutex>("5Mutex10ReaderLockEv");

	lockdag_acquiring(this, nullptr, LOCKDAG_SHARED);
	lock(this);
	lockdag_acquired(this, nullptr, LOCKDAG_SHARED);
}

void Mutex::ReaderUnlock()
{
	static const on_mutex unlock = real<on_mutex>("5Mutex12ReaderUnlockEv");

	lockdag_released(this);
	unlock(this);
}

Mutex::~Mutex()
{
	static const on_mutex destroy = real<on_mutex>("5MutexD1Ev");

	lockdag_destroyed(this);
	destroy(this);
}

void CondVar::Wait(Mutex *mutex)
{
	static const auto wait =
		real<void (*)(CondVar *, Mutex *)>("7CondVar4WaitEPNS0_5MutexE");

	lockdag_released(mutex);
	lockdag_waiting(this, nullptr);
	wait(this, mutex);
	lockdag_waited(this);
	lockdag_acquiring(mutex, nullptr, LOCKDAG_WRITE);
	lockdag_acquired(mutex, nullptr, LOCKDAG_WRITE);
}

void CondVar::Signal()
{
	static const on_condition signal = real<on_condition>("7CondVar6SignalEv");

	lockdag_signalled(this, nullptr);
	signal(this);
}

void CondVar::SignalAll()
{
	static const on_condition signal = real<on_condition>("7CondVar9SignalAllEv");

	lockdag_signalled(this, nullptr);
	signal(this);
}

ABSL_NAMESPACE_END
} // namespace absl
