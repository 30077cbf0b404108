/*
 * key_file: writes a new key to a file, and reads the text of one. The key is wiped on every path.
 */
#include "otp/keyring.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <string.h>
#include <unistd.h>

#define FILE_MARK "otpgwd-key-1 "

static bool write_all(int fd, const char *text, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, text, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		text += n;
		len -= (size_t)n;
	}
	return fsync(fd) == 0;
}

enum err keyring_write_file(const char *path)
{
	char line[sizeof(FILE_MARK) + 2 * KEYRING_KEY_LEN + 1] = FILE_MARK;
	uint8_t key[KEYRING_KEY_LEN];
	size_t mark = sizeof(FILE_MARK) - 1;
	bool good;
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0)
		return errno == EEXIST ? ERR_BUSY : ERR_IO;
	randombytes_buf(key, sizeof(key));
	sodium_bin2hex(line + mark, 2 * KEYRING_KEY_LEN + 1, key, sizeof(key));
	line[mark + 2 * KEYRING_KEY_LEN] = '\n';
	good = write_all(fd, line, mark + 2 * KEYRING_KEY_LEN + 1);
	good = close(fd) == 0 && good;
	sodium_memzero(key, sizeof(key));
	sodium_memzero(line, sizeof(line));
	if (!good) {
		int saved = errno;

		unlink(path);
		errno = saved;
	}
	return good ? ERR_OK : ERR_IO;
}

enum err keyring_parse_file(const char *text, size_t len, struct secret **out)
{
	size_t mark = sizeof(FILE_MARK) - 1, got = 0;
	uint8_t key[KEYRING_KEY_LEN];
	enum err err = ERR_INVALID;

	if (len > 0 && text[len - 1] == '\n')
		len--;
	if (len != mark + 2 * KEYRING_KEY_LEN || memcmp(text, FILE_MARK, mark) != 0)
		return ERR_INVALID;
	if (sodium_hex2bin(key, sizeof(key), text + mark, len - mark, NULL, &got, NULL) == 0 && got == sizeof(key))
		err = secret_new(key, sizeof(key), out);
	sodium_memzero(key, sizeof(key));
	return err;
}
