/*
 * chance: what the daemon leaves to chance in time (which partition it looks at first) is the same in every run.
 */
#include "base/secret.h"

uint32_t __wrap_secret_random_u32(void);

uint32_t __wrap_secret_random_u32(void)
{
	return 0;
}
