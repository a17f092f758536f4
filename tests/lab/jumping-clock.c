/*
 * jumping-clock.so, for LD_PRELOAD: the wall clock of a process is as many nanoseconds
 * ahead as the first eight bytes of the file LAB_CLOCK say, from one call to the next.
 *
 * So the clock of one node can jump while it runs, though all nodes share the
 * machine's. The file is mapped before the program's first line: what it gives up later
 * (rights, its root directory) does not matter. Monotonic clocks do not jump, as on a
 * machine.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define SECOND INT64_C(1000000000)

static const volatile int64_t *shift;
static int (*real_clock_gettime)(clockid_t, struct timespec *);

static void __attribute__((constructor)) begin(void)
{
	const char *path = getenv("LAB_CLOCK");
	int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	void *map;

	if (fd < 0)
		return;
	map = mmap(NULL, sizeof(*shift), PROT_READ, MAP_SHARED, fd, 0);
	close(fd);
	if (map != MAP_FAILED)
		shift = map;
}

int
clock_gettime(clockid_t clock, struct timespec *now)
{
	int64_t nanoseconds;
	int result;

	/* Not in begin(): constructors of other libraries may come here before it. */
	if (!real_clock_gettime)
		*(void **)&real_clock_gettime = dlsym(RTLD_NEXT, "clock_gettime");
	result = real_clock_gettime(clock, now);
	if (result != 0 || !shift ||
	    (clock != CLOCK_REALTIME && clock != CLOCK_REALTIME_COARSE))
		return result;
	nanoseconds = now->tv_nsec + *shift % SECOND + SECOND;
	now->tv_sec += *shift / SECOND + nanoseconds / SECOND - 1;
	now->tv_nsec = nanoseconds % SECOND;
	return 0;
}

int
gettimeofday(struct timeval *restrict now, void *restrict zone)
{
	struct timespec precise;

	(void)zone; /* obsolete, and nobody's here */
	if (clock_gettime(CLOCK_REALTIME, &precise) != 0)
		return -1;
	now->tv_sec = precise.tv_sec;
	now->tv_usec = precise.tv_nsec / 1000;
	return 0;
}

time_t
time(time_t *copy)
{
	struct timespec now;

	if (clock_gettime(CLOCK_REALTIME_COARSE, &now) != 0)
		return -1;
	if (copy)
		*copy = now.tv_sec;
	return now.tv_sec;
}
