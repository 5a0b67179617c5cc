// expect: hazard ; kind: lock-class ; locks: mu_room mu_user ; note: shared_ptr objects in maps
#include "subject.h"
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
struct Room {
	std::mutex mu_room;
	int n = 0;
};
struct User {
	std::mutex mu_user;
	int n = 0;
};
static std::map<std::string, std::shared_ptr<Room>> rooms;
static std::map<int, std::shared_ptr<User>> users;
static void join_room(const std::string &r, int u)
{
	auto &x = *rooms.at(r);
	std::lock_guard<std::mutex> g(x.mu_room);
	auto p = users.at(u);
	std::lock_guard<std::mutex> h(p->mu_user);
	x.n++;
	p->n++;
}
static void kick(int u, const std::string &r)
{
	auto p = users.at(u);
	std::unique_lock<std::mutex> g(p->mu_user);
	std::unique_lock<std::mutex> h(rooms[r]->mu_room);
	p->n--;
}
int main()
{
	for (auto n : {"a", "b"})
		rooms[n] = std::make_shared<Room>();
	for (int i = 0; i < 3; i++)
		users[i] = std::make_shared<User>();
	std::thread a([] { join_room("a", 1); });
	std::thread b([] {
		nap(60);
		kick(2, "b");
	});
	a.join();
	b.join();
}
