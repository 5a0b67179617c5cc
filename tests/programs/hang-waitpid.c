// expect: hang ; kind: waitpid-pipe ; locks: to_child[0] * ; core: blocked ; note: waits for the child before it has closed the pipe that the child reads
#include "subject.h"
#include <sys/wait.h>

int main(void)
{
	int to_child[2];
	char c;

	if (pipe(to_child))
		return 1;
	if (fork() == 0) {
		close(to_child[1]);
		while (read(to_child[0], &c, 1) > 0) {
		}
		_exit(0);
	}
	close(to_child[0]);
	wait(NULL);
	return 0;
}
