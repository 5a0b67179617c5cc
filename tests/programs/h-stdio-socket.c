// expect: hazard ; kind: stdio-reply ; locks: session.lock * ; note: getline and fread on a stream of a connection, with the lock held that the server takes before it closes its stream, unflushed
#include "meet.h"
#include <arpa/inet.h>
#include <sys/socket.h>

static struct {
	pthread_mutex_t lock;
	struct sockaddr_in address;
	int listener, gone;
} session = { .lock = PTHREAD_MUTEX_INITIALIZER, .address.sin_family = AF_INET };

static void *client(void *arg)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	char *line = NULL, rest[4];
	size_t room = 0;
	FILE *f;

	if (connect(fd, (struct sockaddr *)&session.address, sizeof(session.address)))
		abort();
	f = fdopen(fd, "r+");
	setvbuf(f, NULL, _IONBF, 0);
	fwrite("hello\n", 6, 1, f);
	await(&session.gone);
	pthread_mutex_lock(&session.lock);
	if (getline(&line, &room, f) != 6 || fread(rest, 1, sizeof(rest), f) != sizeof(rest))
		abort();
	pthread_mutex_unlock(&session.lock);
	fclose(f);
	free(line);
	return arg;
}

static void *server(void *arg)
{
	int fd = accept(session.listener, NULL, NULL);
	FILE *in = fdopen(fd, "r"), *out = fdopen(dup(fd), "w");
	char line[16];

	if (!fgets(line, sizeof(line), in))
		abort();
	pthread_mutex_lock(&session.lock);
	pthread_mutex_unlock(&session.lock);
	through(&session.gone);
	fprintf(out, "%srest", line);
	fclose(out);
	fclose(in);
	return arg;
}

int main(void)
{
	socklen_t size = sizeof(session.address);

	session.address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	session.listener = socket(AF_INET, SOCK_STREAM, 0);
	if (bind(session.listener, (struct sockaddr *)&session.address, size) || listen(session.listener, 4) ||
		getsockname(session.listener, (struct sockaddr *)&session.address, &size))
		abort();
	run_two(client, server);
	return 0;
}
