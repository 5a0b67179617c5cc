/* SPDX-License-Identifier: MIT
 *
 * Locks in objects on the heap, reached the ways C++ programs reach them. One thread takes each
 * below `outer`, the other one takes `outer` below each: `lockdag run` must report every pair, and
 * call the lock what is printed here ("expect NAME"). Run by run-names.
 */
#include <array>
#include <atomic>
#include <cstdio>
#include <deque>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <pthread.h>
#include <shared_mutex>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#define NOINLINE __attribute__((noinline))

static std::mutex outer;
static volatile int sink;

struct Shape {
	const char *name;
	std::function<void()> below;        /* takes the lock and leaves it, outer is held */
	std::function<void()> enter, leave; /* the same by a plain pointer, for the other thread */
};
static std::vector<Shape> *shapes;

template <typename Mutex>
static void shape(const char *name, std::function<void()> below, Mutex *lock)
{
	shapes->push_back({name, below, [lock] { lock->lock(); }, [lock] { lock->unlock(); }});
}

/* ---- containers */
struct Session {
	int id;
	std::mutex mtx;
};
static std::map<int, std::unique_ptr<Session>> *sessions;
NOINLINE static void in_map(int i)
{
	std::lock_guard<std::mutex> g(sessions->at(i)->mtx);
	sink = 1;
}

struct Worker {
	std::string name;
	std::mutex busy;
};
static std::vector<std::unique_ptr<Worker>> *workers;
NOINLINE static void in_vector()
{
	for (auto &w : *workers) {
		std::lock_guard<std::mutex> g(w->busy);
		sink = 1;
	}
}

struct Entry {
	int hits = 0;
	std::mutex guard;
};
static std::unordered_map<std::string, Entry> *entries;
NOINLINE static void in_unordered_map(const std::string &key)
{
	auto &e = (*entries)[key];
	std::unique_lock<std::mutex> lk(e.guard);
	e.hits++;
}

struct Node {
	int n = 0;
	std::mutex node_lock;
};
static std::list<Node> *nodes;
NOINLINE static void in_list()
{
	for (auto it = nodes->begin(); it != nodes->end(); ++it) {
		it->node_lock.lock();
		it->n++;
		it->node_lock.unlock();
	}
}

struct Slot {
	int n = 0;
	std::mutex slot_lock;
};
static std::deque<Slot> *slots;
NOINLINE static void in_deque(size_t i)
{
	std::lock_guard g((*slots)[i].slot_lock);
	sink = 1;
}

struct Shard {
	long n = 0;
	std::shared_mutex rw;
};
struct Store {
	int n = 0;
	std::array<Shard, 4> shards;
	Shard &shard(size_t key)
	{
		return shards[key % 4];
	}
	NOINLINE void put(size_t key)
	{
		std::unique_lock lk(shard(key).rw);
		n++;
	}
};

/* ---- functions */
struct Timer {
	int n = 0;
	std::mutex timers;
	std::function<void()> tick()
	{
		return [this] {
			std::lock_guard<std::mutex> g(timers);
			n++;
		};
	}
};

struct Job {
	int n = 0;
	std::mutex jobs;
};
static std::function<void()> captured(std::shared_ptr<Job> job)
{
	return [job] {
		std::lock_guard<std::mutex> g(job->jobs);
		job->n++;
	};
}

/* ---- templates, inheritance */
template <typename T> class Queue
{
	std::vector<T> items_;

      public:
	std::mutex m_;
	NOINLINE void push(const T &t)
	{
		std::unique_lock<std::mutex> lk(m_);
		items_.push_back(t);
	}
};

struct Resource {
	int refs = 0;
	std::mutex res_lock;
	virtual ~Resource() = default;
	virtual void use() = 0;
};
struct File final : Resource {
	int fd = 0;
	NOINLINE void use() override
	{
		std::lock_guard<std::mutex> g(res_lock);
		fd++;
	}
};
NOINLINE static void through_base(Resource *r)
{
	r->use();
}

template <typename D> struct Counted {
	NOINLINE void count()
	{
		std::lock_guard<std::mutex> g(static_cast<D *>(this)->counts);
		static_cast<D *>(this)->n++;
	}
};
struct Gauge : Counted<Gauge> {
	int n = 0;
	std::mutex counts;
};

/* ---- owners */
struct Conn {
	int fd = 0;
	std::mutex wr;
};
NOINLINE static void by_shared(const std::shared_ptr<Conn> &conn)
{
	std::scoped_lock g(conn->wr);
	conn->fd++;
}

struct Peer {
	int n = 0;
	std::mutex peers;
};
NOINLINE static void by_weak(const std::weak_ptr<Peer> &weak)
{
	if (auto peer = weak.lock()) {
		std::lock_guard<std::mutex> g(peer->peers);
		peer->n++;
	}
}

class Widget
{
      public:
	struct Impl {
		int n = 0;
		std::mutex impl_lock;
	};
	std::unique_ptr<Impl> d = std::make_unique<Impl>();
	NOINLINE void paint()
	{
		std::lock_guard<std::mutex> g(d->impl_lock);
		d->n++;
	}
};

struct Pool {
	int n = 0;
	std::mutex pool_lock;
};
struct Server {
	std::string name;
	Pool pool;
};
class Handler
{
	Server &server_;

      public:
	explicit Handler(Server &s) : server_(s)
	{
	}
	NOINLINE void handle()
	{
		server_.pool.pool_lock.lock();
		server_.pool.n++;
		server_.pool.pool_lock.unlock();
	}
};

class Registry
{
	mutable std::mutex reg_;
	int n = 0;

      public:
	static Registry &instance()
	{
		static Registry *r = new Registry;
		return *r;
	}
	NOINLINE int size() const
	{
		std::lock_guard<std::mutex> g(reg_);
		return n;
	}
	std::mutex *lock()
	{
		return &reg_;
	}
};

struct Cfg {
	int n = 0;
	std::recursive_mutex cfg_lock;
};
struct Holder {
	std::optional<Cfg> cfg;
};
NOINLINE static void by_optional(Holder *h)
{
	std::lock_guard g(h->cfg->cfg_lock);
	h->cfg->n++;
}

struct Raw {
	int n = 0;
	pthread_mutex_t raw_lock = PTHREAD_MUTEX_INITIALIZER;
};
class PthreadGuard
{
	pthread_mutex_t &m_;

      public:
	explicit PthreadGuard(pthread_mutex_t &m) : m_(m)
	{
		pthread_mutex_lock(&m_);
	}
	~PthreadGuard()
	{
		pthread_mutex_unlock(&m_);
	}
};
NOINLINE static void by_own_guard(Raw **pp)
{
	PthreadGuard g((*pp)->raw_lock);
	(*pp)->n++;
}

static void shapes_containers()
{
	sessions = new std::map<int, std::unique_ptr<Session>>;
	(*sessions)[7] = std::make_unique<Session>();
	shape(
		"Session.mtx", [] { in_map(7); }, &sessions->at(7)->mtx);
	workers = new std::vector<std::unique_ptr<Worker>>;
	workers->push_back(std::make_unique<Worker>());
	shape("Worker.busy", in_vector, &workers->at(0)->busy);
	entries = new std::unordered_map<std::string, Entry>;
	shape(
		"Entry.guard", [] { in_unordered_map("key"); }, &(*entries)["key"].guard);
	nodes = new std::list<Node>(1);
	shape("Node.node_lock", in_list, &nodes->front().node_lock);
	slots = new std::deque<Slot>(5);
	shape(
		"Slot.slot_lock", [] { in_deque(3); }, &slots->at(3).slot_lock);
	auto *store = new Store;
	shape(
		"Shard.rw", [store] { store->put(6); }, &store->shards[2].rw);
}

static void shapes_classes()
{
	auto *timer = new Timer;
	shape("Timer.timers", timer->tick(), &timer->timers);
	auto job = std::make_shared<Job>();
	shape("Job.jobs", captured(job), &job->jobs);
	auto *queue = new Queue<int>;
	shape(
		"Queue<int>.m_", [queue] { queue->push(1); }, &queue->m_);
	Resource *file = new File;
	shape(
		"Resource.res_lock", [file] { through_base(file); }, &file->res_lock);
	auto *gauge = new Gauge;
	shape(
		"Gauge.counts", [gauge] { gauge->count(); }, &gauge->counts);
}

static void shapes_owners()
{
	auto *conn = new std::shared_ptr<Conn>(std::make_shared<Conn>());
	shape(
		"Conn.wr", [conn] { by_shared(*conn); }, &(*conn)->wr);
	auto *peer = new std::shared_ptr<Peer>(std::make_shared<Peer>());
	shape(
		"Peer.peers", [peer] { by_weak(*peer); }, &(*peer)->peers);
	auto *widget = new Widget;
	shape(
		"Widget::Impl.impl_lock", [widget] { widget->paint(); }, &widget->d->impl_lock);
	auto *server = new Server;
	auto *handler = new Handler(*server);
	shape(
		"Pool.pool_lock", [handler] { handler->handle(); }, &server->pool.pool_lock);
	shape(
		"Registry.reg_", [] { sink = Registry::instance().size(); },
		Registry::instance().lock());
	auto *holder = new Holder;
	holder->cfg.emplace();
	shape(
		"Cfg.cfg_lock", [holder] { by_optional(holder); }, &holder->cfg->cfg_lock);
	auto **raw = new Raw *(new Raw);
	shapes->push_back({"Raw.raw_lock", [raw] { by_own_guard(raw); },
		[raw] { pthread_mutex_lock(&(*raw)->raw_lock); },
		[raw] { pthread_mutex_unlock(&(*raw)->raw_lock); }});
}

/* Without a synchronisation that lockdag knows: the two orders must look as if they could meet. */
static std::atomic<int> turn;

static void outer_first()
{
	for (auto &s : *shapes) {
		outer.lock();
		s.below();
		outer.unlock();
	}
	turn = 1;
	while (turn != 2)
		std::this_thread::yield();
}

static void outer_last()
{
	while (turn != 1)
		std::this_thread::yield();
	for (auto &s : *shapes) {
		s.enter();
		outer.lock();
		outer.unlock();
		s.leave();
	}
	turn = 2;
}

int main()
{
	shapes = new std::vector<Shape>;
	shapes_containers();
	shapes_classes();
	shapes_owners();
	for (auto &s : *shapes)
		printf("expect %s\n", s.name);
	fflush(stdout);
	std::thread a(outer_first), b(outer_last);
	a.join();
	b.join();
	return 0;
}
