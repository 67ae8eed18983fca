// SPDX-License-Identifier: GPL-2.0-only
/* trap.c - a thread that is stuck inside of a hostile file, and what else misleads unwinders
 *
 * usage: trap HOW [FILE OFFSET]
 * OFFSET is where the machine code of tests/hostile/seed.c stands in FILE, which need not be a
 * program that any loader would take: it is mapped as it is, and called. That code calls
 * pthread_mutex_lock() on a mutex that the thread already holds. HOW is one of the names below.
 */
#include "../plant.h"

#include <sys/stat.h>

#define MANY 65000
#define PAGES 16 /* of a file that is mapped and unmapped */

typedef void (*entry)(void *mutex, int (*lock)(pthread_mutex_t *));

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static const char *file;
static long offset;

static int open_file(int flags)
{
	int fd = open(file, flags | O_CLOEXEC);

	if (fd < 0)
		plant_fail("%s", file);
	return fd;
}

/* Room for code that a page behind it may follow. */
static size_t mapped_size(int fd)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		plant_fail("fstat");
	return st.st_size > offset + 4096 ? (size_t)st.st_size : (size_t)offset + 4096;
}

static char *map(int fd)
{
	char *at = mmap(NULL, mapped_size(fd), PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);

	if (at == MAP_FAILED)
		plant_fail("mmap of %s", file);
	return at;
}

static void *run(void *code)
{
	pthread_mutex_lock(&mutex);
	((entry)code)(&mutex, pthread_mutex_lock);
	return NULL;
}

/* A copy of the code in memory that is no file's, or a strange file's. */
static char *copied(int fd, int flags)
{
	char *at = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | flags, fd, 0);

	if (at == MAP_FAILED)
		plant_skip("mmap");
	if (pread(open_file(O_RDONLY), at + 64, 256, offset) < 64)
		plant_fail("%s", file);
	return at + 64;
}

/* ---- files ---- */

static void *as_file(void)
{
	return map(open_file(O_RDONLY)) + offset;
}

static void *as_deleted(void)
{
	void *code = as_file();

	if (unlink(file) < 0)
		plant_fail("%s", file);
	return code;
}

static void *as_memfd(void)
{
	int fd = memfd_create("../../etc/passwd\n", MFD_CLOEXEC), from = open_file(O_RDONLY);
	char bytes[65536];
	ssize_t n;

	while ((n = read(from, bytes, sizeof(bytes))) > 0)
		if (write(fd, bytes, (size_t)n) != n)
			plant_fail("memfd");
	return map(fd) + offset;
}

/* Once the code is no longer needed, only the file's first bytes stay. */
static void cut(void)
{
	if (ftruncate(open_file(O_RDWR), 40) < 0)
		plant_fail("%s", file);
}

/* Once the code is no longer needed, somebody else makes the file
 * shorter and longer without end. */
static void shrink(void)
{
	int fd = open_file(O_RDWR);
	off_t size = (off_t)mapped_size(fd);

	if (plant_fork())
		return;
	for (unsigned int seed = 1;;) {
		plant_ms(1);
		if (ftruncate(fd, rand_r(&seed) % size) < 0 || ftruncate(fd, size) < 0)
			_exit(1);
	}
}

static void *as_device(void)
{
	return copied(open("/dev/zero", O_RDWR | O_CLOEXEC), 0);
}

static void *as_memory(void)
{
	return copied(-1, MAP_ANONYMOUS);
}

/* ---- address spaces ---- */

static void *as_many(void)
{
	int fd = open_file(O_RDONLY);

	for (int i = 0; i < MANY; i++)
		if (mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0) == MAP_FAILED)
			break; /* the kernel's limit is another one here */
	return as_memory();
}

static void *remap(void *arg)
{
	int fd = *(int *)arg;

	for (;;) {
		char *at = mmap(NULL, PAGES * 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);

		if (at != MAP_FAILED)
			munmap(at, PAGES * 4096);
	}
	return NULL;
}

/* Another thread maps and unmaps all the time. */
static void *as_changing(void)
{
	static int fd;

	fd = open_file(O_RDONLY);
	plant_thread(remap, &fd);
	return as_file();
}

/* ---- stack pointers ---- */

/* Waits for the mutex as pthread_mutex_lock() does, but with this stack pointer. */
static void wait_with_stack(void *sp)
{
	_Atomic int *word = (_Atomic int *)&mutex;

	atomic_store(word, 2); /* locked, with waiters */
	for (;;) {
#if defined(__x86_64__)
		register long val2 __asm__("r10") = 0;
		long nr = SYS_futex;

		__asm__ volatile("mov %%rsp, %%rbx\n\t"
				 "mov %[sp], %%rsp\n\t"
				 "syscall\n\t"
				 "mov %%rbx, %%rsp"
				 : "+a"(nr)
				 : [sp] "r"(sp), "D"(word), "S"((long)FUTEX_WAIT_PRIVATE), "d"(2L),
				   "r"(val2)
				 : "rbx", "rcx", "r11", "memory");
#elif defined(__aarch64__)
		register long nr __asm__("x8") = SYS_futex;
		register long x0 __asm__("x0") = (long)word;
		register long x1 __asm__("x1") = FUTEX_WAIT_PRIVATE;
		register long x2 __asm__("x2") = 2;
		register long x3 __asm__("x3") = 0;

		__asm__ volatile("mov x19, sp\n\t"
				 "mov sp, %[sp]\n\t"
				 "svc #0\n\t"
				 "mov sp, x19"
				 : "+r"(x0)
				 : [sp] "r"(sp), "r"(nr), "r"(x1), "r"(x2), "r"(x3)
				 : "x19", "memory");
#else
#error the system call is made by hand, for x86_64 and arm64
#endif
	}
}

static void *run_with_stack(void *sp)
{
	pthread_mutex_lock(&mutex);
	wait_with_stack(sp);
	return NULL;
}

static void *sp_null(void)
{
	return NULL;
}

static void *sp_top(void)
{
	return (void *)-16L;
}

static void *sp_unmapped(void)
{
	char *at = mmap(NULL, 8192, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	munmap(at, 8192);
	return at + 4096;
}

/* The kernel's page of zeros, and nothing behind it. */
static void *sp_zeros(void)
{
	return mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

/* Every word of it is the address of the first one. */
static void *sp_self(void)
{
	void **at = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	for (size_t i = 0; i < (1 << 20) / sizeof(*at); i++)
		at[i] = at;
	return at;
}

/* Every word of it leads into the same function. */
static void *sp_calls(void)
{
	void **at = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	for (size_t i = 0; i < (1 << 20) / sizeof(*at); i++)
		at[i] = (char *)run_with_stack + 8;
	return at;
}

/* A page behind which a file ends: whoever reads on meets SIGBUS. */
static void *sp_end_of_file(void)
{
	int fd = memfd_create("stack", MFD_CLOEXEC);
	char *at = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (ftruncate(fd, 4096) < 0)
		plant_fail("memfd");
	return at + 4096 - 16;
}

static const struct {
	const char *name;
	void *(*prepare)(void);
	void *(*run)(void *arg);
	void (*once_stuck)(void);
} hows[] = {
	{ "file", as_file, run, NULL },
	{ "cut", as_file, run, cut },
	{ "deleted", as_deleted, run, NULL },
	{ "memfd", as_memfd, run, NULL },
	{ "shrinking", as_file, run, shrink },
	{ "device", as_device, run, NULL },
	{ "memory", as_memory, run, NULL },
	{ "many", as_many, run, NULL },
	{ "changing", as_changing, run, NULL },
	{ "sp-null", sp_null, run_with_stack, NULL },
	{ "sp-top", sp_top, run_with_stack, NULL },
	{ "sp-unmapped", sp_unmapped, run_with_stack, NULL },
	{ "sp-zeros", sp_zeros, run_with_stack, NULL },
	{ "sp-self", sp_self, run_with_stack, NULL },
	{ "sp-calls", sp_calls, run_with_stack, NULL },
	{ "sp-end-of-file", sp_end_of_file, run_with_stack, NULL },
};

int main(int argc, char **argv)
{
	plant_init();
	file = argc > 3 ? argv[2] : "/dev/null";
	offset = argc > 3 ? strtol(argv[3], NULL, 0) : 0;
	for (size_t i = 0; argc > 1 && i < sizeof(hows) / sizeof(hows[0]); i++) {
		if (strcmp(hows[i].name, argv[1]) != 0)
			continue;
		plant_thread(hows[i].run, hows[i].prepare());
		plant_blocked(1, SYS_futex);
		if (hows[i].once_stuck)
			hows[i].once_stuck();
		plant_ready();
		plant_live();
	}
	plant_fail("no such trap");
}
