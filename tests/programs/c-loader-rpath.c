// expect: clean ; kind: loader-lock ; locks: - ; note: the RPATH of the program says where the library is: found as without lockdag ; so: -DPLUGIN ; ldflags: -rdynamic -ldl -Wl,--disable-new-dtags,-rpath,$ORIGIN
#include "subject.h"
#include <dlfcn.h>


#ifdef PLUGIN
int plugin_answer(void);
int plugin_answer(void)
{
	return 42;
}
#else
int main(int argc, char **argv)
{
	const char *slash = strrchr(argv[0], '/');
	char name[256];
	int (*answer)(void);
	void *handle;

	(void)argc;
	snprintf(name, sizeof(name), "%s.so", slash ? slash + 1 : argv[0]);
	handle = dlopen(name, RTLD_NOW);
	answer = handle ? (int (*)(void))dlsym(handle, "plugin_answer") : NULL;
	printf("%d\n", answer ? answer() : -1);
	return 0;
}
#endif
