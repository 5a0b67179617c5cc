// expect: hazard ; kind: socket-reply ; locks: Store::guard * ; note: the same by the path of a local socket, in C++, with readv and sendmsg
#include "meet.h"
#include <mutex>
#include <thread>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>

struct Store {
	std::mutex guard;
	int value = 0;
};

static Store store;
static int gone;

static void ask(const sockaddr_un &address)
{
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	char question = 'q', answer[4];
	iovec parts[] = {{answer, 2}, {answer + 2, 2}};

	if (connect(fd, (const sockaddr *)&address, sizeof(address)) || write(fd, &question, 1) != 1)
		abort();
	await(&gone);
	std::lock_guard<std::mutex> held(store.guard);
	if (readv(fd, parts, 2) < 1)
		abort();
	store.value++;
	close(fd);
}

static void serve(int listener)
{
	int fd = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
	char question;
	iovec part = {&question, 1};
	msghdr message = {};

	message.msg_iov = &part;
	message.msg_iovlen = 1;
	if (read(fd, &question, 1) != 1)
		abort();
	{
		std::lock_guard<std::mutex> held(store.guard);
		store.value++;
	}
	through(&gone);
	if (sendmsg(fd, &message, 0) != 1)
		abort();
	close(fd);
}

int main()
{
	sockaddr_un address = {AF_UNIX, "store.sock"};
	int listener = socket(AF_UNIX, SOCK_STREAM, 0);

	unlink(address.sun_path);
	if (bind(listener, (sockaddr *)&address, sizeof(address)) || listen(listener, 4))
		abort();
	std::thread a(ask, address), b(serve, listener);
	a.join();
	b.join();
	unlink(address.sun_path);
	return 0;
}
