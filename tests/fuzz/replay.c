/*
 * Runs a fuzz target on files, or on every file of a directory: how a corpus is replayed where no fuzzer is built.
 * Fails if it was given nothing to run.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int run_file(const char *path, size_t size)
{
	FILE *file = fopen(path, "rb");
	uint8_t *data = malloc(size ? size : 1);
	int ok = file && data && fread(data, 1, size, file) == size;

	if (ok)
		LLVMFuzzerTestOneInput(data, size);
	else
		perror(path);
	free(data);
	if (file)
		fclose(file);
	return ok ? 1 : -1;
}

/* The number of inputs run, or -1. */
static int run_path(const char *path)
{
	struct stat st;
	struct dirent *entry;
	DIR *dir;
	int total = 0;

	if (stat(path, &st)) {
		perror(path);
		return -1;
	}
	if (!S_ISDIR(st.st_mode))
		return run_file(path, (size_t)st.st_size);
	dir = opendir(path);
	while (dir && total >= 0 && (entry = readdir(dir))) {
		char name[4096];
		int n;

		if (entry->d_name[0] == '.')
			continue;
		if ((size_t)snprintf(name, sizeof(name), "%s/%s", path, entry->d_name) >= sizeof(name))
			n = -1;
		else
			n = run_path(name);
		total = n < 0 ? -1 : total + n;
	}
	if (!dir)
		return -1;
	closedir(dir);
	return total;
}

int main(int argc, char **argv)
{
	int total = 0;

	for (int i = 1; i < argc; i++) {
		int n = run_path(argv[i]);

		if (n < 0)
			return 1;
		total += n;
	}
	printf("%s: %d inputs\n", argv[0], total);
	return total ? 0 : 1;
}
