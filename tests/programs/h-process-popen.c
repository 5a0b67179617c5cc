// expect: hazard ; kind: process-wait ; locks: pid_file child_exit child_exit ; note: waits for a shell, with the file locked that a program of the shell locks
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
	pclose(tool);
	unlink(pid_file);
	return 0;
}
