/* SPDX-License-Identifier: MIT
 *
 * Runs a fuzz target over files and over the files of directories: its seeds as a normal test.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay_file(const char *path)
{
	FILE *in = fopen(path, "rb");
	uint8_t *data = NULL;
	struct stat st;
	size_t n;

	if (!in || stat(path, &st) < 0) {
		perror(path);
		return 1;
	}
	/* of the exact size, so that AddressSanitizer sees a read beyond it */
	data = malloc((size_t)st.st_size);
	n = data ? fread(data, 1, (size_t)st.st_size, in) : 0;
	fclose(in);
	if (n == (size_t)st.st_size)
		LLVMFuzzerTestOneInput(data, n);
	free(data);
	printf("%s: %zu bytes\n", path, n);
	return n == (size_t)st.st_size ? 0 : 1;
}

static int replay_directory(const char *path, DIR *directory, unsigned *n)
{
	const struct dirent *entry;
	int r = 0;

	while ((entry = readdir(directory))) {
		char name[4096];

		if (entry->d_name[0] == '.')
			continue;
		snprintf(name, sizeof(name), "%s/%s", path, entry->d_name);
		r |= replay_file(name);
		(*n)++;
	}
	return r;
}

int main(int argc, char **argv)
{
	unsigned n = 0;
	int r = 0;

	for (int i = 1; i < argc; i++) {
		DIR *directory = opendir(argv[i]);

		if (directory) {
			r |= replay_directory(argv[i], directory, &n);
			closedir(directory);
		} else {
			r |= replay_file(argv[i]);
			n++;
		}
	}
	if (n == 0)
		fprintf(stderr, "usage: %s FILE-OR-DIRECTORY...\n", argv[0]);
	return r || n == 0;
}
