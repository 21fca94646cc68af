/* Has each flush to the disk take as long as SLOW_DISK_MS says, and at least as long as it takes:
   what a program does with a slower disk, measured on one that is fast. To be preloaded. */
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static void take_time(void) {
    const char *ms = getenv("SLOW_DISK_MS");
    struct timespec time = {0, 0};
    time.tv_nsec = ms ? atol(ms) * 1000000 % 1000000000 : 0;
    nanosleep(&time, NULL);
}

int fsync(int file) {
    take_time();
    return (int)syscall(SYS_fsync, file);
}

int fdatasync(int file) {
    take_time();
    return (int)syscall(SYS_fdatasync, file);
}
