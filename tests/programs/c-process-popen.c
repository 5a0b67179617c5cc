// expect: clean ; kind: process-wait ; locks: pid_file child_exit ; note: the file is unlocked before
#include "file.h"

static char pid_file[] = "/tmp/lockdag-p-XXXXXX";

int main(void)
{
	int fd = mkstemp(pid_file);
	char command[200];
	FILE *tool;

	snprintf(command, sizeof(command), "flock %s true; sleep 0.3", pid_file);
	tool = popen(command, "r");
	nap(150);
	flock(fd, LOCK_EX);
	flock(fd, LOCK_UN);
	pclose(tool);
	unlink(pid_file);
	return 0;
}
