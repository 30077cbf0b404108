/*
 * nomem: preloaded into the daemon, fails chosen allocations. The file that NOMEM_CONTROL names holds struct control;
 * the test maps it too: allocations number `from` .. `from + run - 1` after arming fail, each with its backtrace in
 * NOMEM_CONTROL.trace. Owns no memory of the daemon; must never fail what its callers are known not to survive.
 */
#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <link.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <unwind.h>

#define CALLER ((uintptr_t)__builtin_return_address(0))
#define SPARED_MAX 32
#define FRAMES 24

struct control {
	uint64_t seen; /* since `from` was last written; the writer sets it to 0 */
	uint64_t from; /* 0: none fails */
	uint64_t run;
	uint64_t failed;
};

static struct control none, *control = &none;
static struct range {
	uintptr_t from, to;
} spared[SPARED_MAX];
static size_t spared_count;
static int trace = -1;

void *malloc(size_t size);
void *calloc(size_t n, size_t size);
void *realloc(void *p, size_t size);
void free(void *p);
void *reallocarray(void *p, size_t n, size_t size);
char *strdup(const char *s);
char *__strdup(const char *s);
void *sodium_malloc(size_t size);

/* A sanitizer's runtime asks before this library is relocated, and the linker while it looks for the next allocator. */
static void *(*volatile look_up)(void *, const char *) = dlsym;
static _Alignas(16) char early_room[65536];
static size_t early_used;

static void *early(size_t size)
{
	void *at = early_room + early_used;

	early_used += (size + 15) & ~(size_t)15;
	if (early_used > sizeof(early_room))
		abort();
	return at;
}

static bool is_early(const void *p)
{
	return (const char *)p >= early_room && (const char *)p < early_room + sizeof(early_room);
}

/* Into *next, once. False while it cannot be found yet. */
static bool real(const char *name, void **next)
{
	static bool asking;

	if (*next || asking || !look_up)
		return *next != NULL;
	asking = true;
	*next = look_up(RTLD_NEXT, name);
	asking = false;
	return *next != NULL;
}

static bool may_fail(uintptr_t caller)
{
	for (size_t i = 0; i < spared_count; i++) {
		if (caller >= spared[i].from && caller < spared[i].to)
			return false;
	}
	return true;
}

struct stack {
	void *frames[FRAMES];
	int depth;
};

static _Unwind_Reason_Code note_frame(struct _Unwind_Context *context, void *arg)
{
	struct stack *s = arg;

	s->frames[s->depth++] = (void *)_Unwind_GetIP(context);
	return s->depth < FRAMES ? _URC_NO_REASON : _URC_END_OF_STACK;
}

static bool fails(uintptr_t caller)
{
	struct stack s = { .depth = 0 };
	char head[32];

	if (!may_fail(caller))
		return false;
	uint64_t n = __atomic_add_fetch(&control->seen, 1, __ATOMIC_RELAXED);
	if (!control->from || n < control->from || n >= control->from + control->run)
		return false;
	__atomic_add_fetch(&control->failed, 1, __ATOMIC_RELAXED);
	if (trace >= 0) {
		int len = snprintf(head, sizeof(head), "--- %llu\n", (unsigned long long)n);

		(void)!write(trace, head, (size_t)len);
		_Unwind_Backtrace(note_frame, &s);
		backtrace_symbols_fd(s.frames, s.depth, trace);
	}
	errno = ENOMEM;
	return true;
}

void *malloc(size_t size)
{
	static void *(*next)(size_t);

	if (!real("malloc", (void **)&next))
		return early(size);
	return fails(CALLER) ? NULL : next(size);
}

void *calloc(size_t n, size_t size)
{
	static void *(*next)(size_t, size_t);

	if (!real("calloc", (void **)&next))
		return early(n * size);
	return fails(CALLER) ? NULL : next(n, size);
}

void free(void *p)
{
	static void (*next)(void *);

	if (!is_early(p) && real("free", (void **)&next))
		next(p);
}

void *realloc(void *p, size_t size)
{
	static void *(*next)(void *, size_t);

	if (is_early(p))
		abort();
	if (!real("realloc", (void **)&next))
		return NULL;
	return fails(CALLER) ? NULL : next(p, size);
}

void *reallocarray(void *p, size_t n, size_t size)
{
	static void *(*next)(void *, size_t, size_t);

	if (!real("reallocarray", (void **)&next))
		return NULL;
	return fails(CALLER) ? NULL : next(p, n, size);
}

/* Their own, so that the caller is known and not the C library taken for it. */
static char *copy(const char *s, uintptr_t caller)
{
	static void *(*next)(size_t);
	size_t size = strlen(s) + 1;

	if (!real("malloc", (void **)&next))
		return NULL;
	char *to = fails(caller) ? NULL : next(size);
	return to ? memcpy(to, s, size) : NULL;
}

char *strdup(const char *s)
{
	return copy(s, CALLER);
}

char *__strdup(const char *s)
{
	return copy(s, CALLER);
}

void *sodium_malloc(size_t size)
{
	static void *(*next)(size_t);

	if (!real("sodium_malloc", (void **)&next))
		return NULL;
	return fails(CALLER) ? NULL : next(size);
}

static void spare(uintptr_t from, size_t len)
{
	if (spared_count < SPARED_MAX)
		spared[spared_count++] = (struct range){ from, from + len };
}

/* Whole libraries: a colon follows each name in NOMEM_SPARE. */
static int spare_library(struct dl_phdr_info *info, size_t size, void *arg)
{
	const char *names = arg, *base = strrchr(info->dlpi_name, '/');

	(void)size;
	for (const char *at = names; base && *at; at = strchr(at, ':') + 1) {
		if (!strchr(at, ':'))
			return 0;
		if (strncmp(base + 1, at, (size_t)(strchr(at, ':') - at)) != 0)
			continue;
		for (size_t i = 0; i < info->dlpi_phnum; i++) {
			if (info->dlpi_phdr[i].p_type == PT_LOAD)
				spare(info->dlpi_addr + info->dlpi_phdr[i].p_vaddr, info->dlpi_phdr[i].p_memsz);
		}
	}
	return 0;
}

/* hiredis 0.14 aborts in the first four and does not look at the last; in 1.x none has this name. */
static void spare_hiredis(void)
{
	static const char *const names[] = { "hi_malloc", "hi_calloc", "hi_realloc", "hi_strdup", "sdsnewlen" };
	Dl_info info;
	ElfW(Sym) * symbol;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		void *at = dlsym(RTLD_DEFAULT, names[i]);

		if (at && dladdr1(at, &info, (void **)&symbol, RTLD_DL_SYMENT) && symbol)
			spare((uintptr_t)at, symbol->st_size);
	}
}

__attribute__((constructor)) static void start(void)
{
	const char *path = getenv("NOMEM_CONTROL"), *names = getenv("NOMEM_SPARE");
	char beside[4096];

	if (names)
		dl_iterate_phdr(spare_library, (void *)(uintptr_t)names);
	spare_hiredis();
	if (!path)
		return;
	int fd = open(path, O_RDWR | O_CLOEXEC);
	snprintf(beside, sizeof(beside), "%s.trace", path);
	trace = open(beside, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	void *at = fd >= 0 ? mmap(NULL, sizeof(struct control), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) : MAP_FAILED;
	if (at == MAP_FAILED)
		abort();
	close(fd);
	control = at;
}
