/* SPDX-License-Identifier: MIT
 *
 * Locks that nothing initialises, in heap objects, taken in 28 ways: which class is it?
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "capture.h"

#include <cstddef>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#define NOINLINE __attribute__((noinline))

struct Account {
	int money = 0;
	std::mutex mtx;
	Account *next = nullptr;
	void deposit();
	void twice();
};
struct Base {
	long b = 0;
	std::mutex base_mtx;
};
struct Derived : Base {
	int d = 0;
};
struct Inner {
	int n = 0;
	std::mutex im;
};
struct Outer {
	long o = 0;
	Inner inner;
	std::mutex arr[3];
};
struct Node {
	int n;
	pthread_mutex_t lock;
	struct {
		long next;
	} link;
};
struct Recursive {
	int r = 0;
	std::recursive_mutex rm;
};
namespace bank
{
struct Vault {
	int v = 0;
	std::mutex door;
};
} // namespace bank

class SpinLock
{
      public:
	void lock()
	{
		pthread_mutex_lock(&raw);
		asm volatile("" ::: "memory");
	}
	pthread_mutex_t raw = PTHREAD_MUTEX_INITIALIZER;
};
struct Cache {
	int c = 0;
	SpinLock lock;
};
template <typename M> class Guard
{
      public:
	explicit Guard(M &mutex) : m(mutex)
	{
		m.lock();
	}
	~Guard()
	{
		m.unlock();
	}
	M &m;
};

static Account *g_acc;
static Outer *g_outer;
static Derived *g_derived;
static Node *g_node;
static Recursive *g_recursive;
static bank::Vault *g_vault;
static Cache *g_cache;
static Account *tab[4];
static std::shared_ptr<Account> g_shared;
static std::vector<Account> *g_vector;
static std::map<int, Account> *g_map;
static std::list<Account> *g_list;
static volatile int sink;

struct Owner {
	int o = 0;
	std::unique_ptr<Account> acc = std::make_unique<Account>();
	void use();
};
static Owner *g_owner;

#define ACCOUNT() expect("Account.mtx", "Account.mtx")

NOINLINE void Account::deposit()
{
	ACCOUNT();
	mtx.lock();
	money++;
	mtx.unlock();
}
NOINLINE void Account::twice()
{
	ACCOUNT();
	std::lock_guard<std::mutex> g(mtx);
	money++;
}
NOINLINE static void by_pointer(Account *a)
{
	ACCOUNT();
	a->mtx.lock();
	a->money++;
	a->mtx.unlock();
}
NOINLINE static void by_reference(Account &a)
{
	ACCOUNT();
	std::lock_guard<std::mutex> g(a.mtx);
	a.money++;
}
NOINLINE static void by_unique_lock(Account *a)
{
	ACCOUNT();
	std::unique_lock<std::mutex> lk(a->mtx);
	a->money++;
}
NOINLINE static void by_scoped_lock(Account *a, Account *b)
{
	ACCOUNT();
	std::scoped_lock lk(a->mtx, b->mtx);
	a->money++;
	b->money++;
}
NOINLINE static void nested(Outer *o)
{
	expect("Inner.im", "Inner.im");
	std::lock_guard<std::mutex> g(o->inner.im);
	o->o++;
}
NOINLINE static void array_member(Outer *o, int i)
{
	expect("Outer.arr[]", "Outer.arr[]");
	o->arr[i].lock();
	o->o++;
	o->arr[i].unlock();
}
NOINLINE static void base_class(Derived *d)
{
	expect("Base.base_mtx", "Base.base_mtx");
	std::lock_guard<std::mutex> g(d->base_mtx);
	d->d++;
}
NOINLINE static void by_shared_ptr(std::shared_ptr<Account> p)
{
	ACCOUNT();
	std::lock_guard<std::mutex> g(p->mtx);
	p->money++;
}
NOINLINE void Owner::use()
{
	ACCOUNT();
	std::lock_guard<std::mutex> g(acc->mtx);
	acc->money++;
}
NOINLINE static void by_global()
{
	ACCOUNT();
	std::lock_guard<std::mutex> g(g_acc->mtx);
	g_acc->money++;
}
NOINLINE static void vector_element(std::vector<Account> &v, int i)
{
	ACCOUNT();
	std::lock_guard<std::mutex> g(v[i].mtx);
	v[i].money++;
}
static inline void wrap_inline(pthread_mutex_t *m)
{
	pthread_mutex_lock(m);
	sink = 1;
}
NOINLINE static void wrap_outline(int x, pthread_mutex_t *m)
{
	sink = x;
	pthread_mutex_lock(m);
	sink = 1;
}
NOINLINE static void c_inline(Node *n)
{
	expect("Node.lock", "Node.lock");
	wrap_inline(&n->lock);
	n->n++;
}
NOINLINE static void c_outline(Node *n)
{
	expect("Node.lock", "Node.lock");
	wrap_outline(2, &n->lock);
	n->n++;
}
NOINLINE static void list_walk(Account *head)
{
	for (Account *a = head; a; a = a->next) {
		ACCOUNT();
		a->mtx.lock();
		a->money++;
		a->mtx.unlock();
	}
}
NOINLINE static void container(long *link)
{
	Node *node = (Node *)((char *)link - offsetof(Node, link));

	expect("Node.lock", "Node.lock");
	pthread_mutex_lock(&node->lock);
	node->n++;
}
template <typename F> NOINLINE static void call(F f)
{
	f();
	sink = 2;
}
NOINLINE static void lambda(Account *acc)
{
	call([acc]() {
		ACCOUNT();
		std::lock_guard<std::mutex> g(acc->mtx);
		acc->money++;
	});
}
NOINLINE static void stack_object()
{
	Account local;

	ACCOUNT();
	local.mtx.lock();
	sink = local.money;
	local.mtx.unlock();
}
NOINLINE static void dead_after(Account *a)
{
	ACCOUNT();
	a->mtx.lock();
	sink = 3;
}
NOINLINE static void tail_call(Node *n)
{
	/* Optimised, the frame is gone when the lock is seen, and nothing can tell. */
	expect("-", EXPECT_TAIL("Node.lock"));
	pthread_mutex_lock(&n->lock);
}
NOINLINE static void map_element(std::map<int, Account> &m)
{
	Account &a = m[7];

	ACCOUNT();
	a.mtx.lock();
	a.money++;
	a.mtx.unlock();
}
NOINLINE static void recursive(Recursive *r)
{
	expect("Recursive.rm", "Recursive.rm");
	std::lock_guard<std::recursive_mutex> g(r->rm);
	r->r++;
}
NOINLINE static void list_elements(std::list<Account> &l)
{
	for (auto &a : l) {
		ACCOUNT();
		std::lock_guard<std::mutex> g(a.mtx);
		a.money++;
	}
}
NOINLINE static void *by_void(void *arg)
{
	Account *a = static_cast<Account *>(arg);

	ACCOUNT();
	std::lock_guard<std::mutex> g(a->mtx);
	a->money++;
	return nullptr;
}
NOINLINE static void own_guard(Account *a)
{
	ACCOUNT();
	Guard<std::mutex> g(a->mtx);
	a->money++;
}
NOINLINE static Account *find(int i)
{
	return tab[i];
}
NOINLINE static void call_result()
{
	ACCOUNT();
	std::lock_guard<std::mutex> g(find(3)->mtx);
	sink = 4;
}
NOINLINE static void table(int i)
{
	ACCOUNT();
	tab[i]->mtx.lock();
	sink = 5;
	tab[i]->mtx.unlock();
}
NOINLINE static void in_namespace(bank::Vault *v)
{
	expect("bank::Vault.door", "bank::Vault.door");
	std::lock_guard<std::mutex> g(v->door);
	v->v++;
}
NOINLINE static void own_lock_class(Cache *c)
{
	expect("Cache.lock", "Cache.lock");
	c->lock.lock();
	c->c++;
}

NOINLINE static void deferred(Account *a)
{
	std::unique_lock<std::mutex> lk(a->mtx, std::defer_lock);

	ACCOUNT();
	lk.lock();
	a->money++;
}

NOINLINE static void make()
{
	g_acc = new Account;
	g_acc->next = new Account;
	g_outer = new Outer;
	g_derived = new Derived;
	g_node = new Node();
	g_recursive = new Recursive;
	g_vault = new bank::Vault;
	g_cache = new Cache;
	g_shared = std::make_shared<Account>();
	g_owner = new Owner;
	g_vector = new std::vector<Account>(4);
	g_map = new std::map<int, Account>;
	g_list = new std::list<Account>(2);
	for (int i = 0; i < 4; i++)
		tab[i] = new Account;
}

int main()
{
	make();
	capture_modules();
	g_acc->deposit();
	g_acc->twice();
	by_pointer(g_acc);
	by_reference(*g_acc);
	by_unique_lock(g_acc);
	by_scoped_lock(g_acc, g_acc->next);
	nested(g_outer);
	array_member(g_outer, 1);
	base_class(g_derived);
	by_shared_ptr(g_shared);
	g_owner->use();
	by_global();
	vector_element(*g_vector, 2);
	c_inline(g_node);
	c_outline(g_node);
	list_walk(g_acc);
	container(&g_node->link.next);
	lambda(g_acc);
	stack_object();
	dead_after(g_acc);
	tail_call(g_node);
	map_element(*g_map);
	recursive(g_recursive);
	list_elements(*g_list);
	by_void(g_acc);
	own_guard(g_acc);
	call_result();
	table(2);
	in_namespace(g_vault);
	own_lock_class(g_cache);
	deferred(g_acc);
	return 0;
}
