/* Moves the clocks of the process that preloads it by as many seconds as stand in the file MOVED_CLOCKS:
   first what the clock on the wall says, then what passes while the machine sleeps as well. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static volatile int64_t *moved;

__attribute__((constructor)) static void look(void)
{
    const char *name = getenv("MOVED_CLOCKS");
    int file = name ? open(name, O_RDONLY | O_CLOEXEC) : -1;
    void *seen = file < 0 ? MAP_FAILED : mmap(NULL, 2 * sizeof *moved, PROT_READ, MAP_SHARED, file, 0);
    if (file >= 0)
        close(file);
    if (seen != MAP_FAILED)
        moved = seen;
}

int clock_gettime(clockid_t which, struct timespec *at)
{
    int failed = syscall(SYS_clock_gettime, which, at);
    if (!failed && moved) {
        if (which == CLOCK_REALTIME || which == CLOCK_REALTIME_COARSE)
            at->tv_sec += moved[0];
        else if (which == CLOCK_BOOTTIME)
            at->tv_sec += moved[1];
    }
    return failed;
}
