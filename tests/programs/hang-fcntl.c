// expect: hang ; kind: file-lock ; locks: * * ; core: blocked ; note: waits for its child with the file locked that the child wants to lock
#include "subject.h"
#include <fcntl.h>
#include <sys/wait.h>

int main(void)
{
	struct flock l = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 10 };
	char path[] = "/tmp/lockdag-table-XXXXXX";
	int fd = mkstemp(path);

	unlink(path);
	fcntl(fd, F_SETLKW, &l);
	if (fork() == 0) {
		fcntl(fd, F_SETLKW, &l);
		_exit(0);
	}
	wait(NULL);
	return 0;
}
