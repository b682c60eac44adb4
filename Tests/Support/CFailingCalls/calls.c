// SPDX-License-Identifier: Apache-2.0

// Lets one call of a process to its system fail.
//
// To be preloaded (`LD_PRELOAD`): what is defined here stands before the C library's functions of the same names. Of the
// calls that can fail in the manner that EARSHOT_FAIL_MANNER names, the one whose number EARSHOT_FAIL_AT gives does; with
// none, they are only counted. EARSHOT_FAIL_REPORT is a file for `struct earshot_failing_calls`. A call fails as the
// system may let it fail: an event's counter has no EIO, nor has a socket, and what makes no descriptor no EMFILE.
//
// Children of the process are left alone.

#ifdef __linux__
#define _GNU_SOURCE
#include "CFailingCalls.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum manner { INPUT_OUTPUT = 1, NO_SPACE = 2, INTERRUPTED = 4, SHORT = 8, DESCRIPTORS = 16, MEMORY = 32 };

static const struct {
  const char *name;
  int manner, error;
} manners[] = {
    {"EIO", INPUT_OUTPUT, EIO},      {"ENOSPC", NO_SPACE, ENOSPC},    {"EINTR", INTERRUPTED, EINTR},
    {"short", SHORT, 0},             {"EMFILE", DESCRIPTORS, EMFILE}, {"ENOMEM", MEMORY, ENOMEM},
};

static int manner, error;
static uint64_t place;
static struct earshot_failing_calls *report;

// Before anything else of the process runs, but for what its libraries do when they are loaded.
__attribute__((constructor)) static void begin(void) {
  const char *name = getenv("EARSHOT_FAIL_MANNER"), *at = getenv("EARSHOT_FAIL_AT");
  const char *path = getenv("EARSHOT_FAIL_REPORT");
  unsetenv("LD_PRELOAD");
  if (!name || !path) return;
  for (size_t index = 0; index < sizeof manners / sizeof *manners; index++) {
    if (strcmp(name, manners[index].name) != 0) continue;
    manner = manners[index].manner;
    error = manners[index].error;
  }
  place = at ? strtoull(at, NULL, 10) : 0;
  int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0 || ftruncate(file, sizeof *report) != 0) abort();
  void *memory = mmap(NULL, sizeof *report, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  close(file);
  if (memory == MAP_FAILED) abort();
  report = memory;
}

// Whether a call is to fail now, which can fail in some manners; sets errno then.
static int fails(const char *name, int possible) {
  if (!report || !(possible & manner)) return 0;
  if (atomic_fetch_add(&report->count, 1) + 1 != place) return 0;
  strncpy(report->failed, name, sizeof report->failed - 1);
  errno = error;
  return 1;
}

static int is_file(int descriptor) {
  struct stat status;
  int before = errno;
  int is = fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode);
  errno = before;
  return is;
}

static int reading(int descriptor) { return INTERRUPTED | SHORT | (is_file(descriptor) ? INPUT_OUTPUT : 0); }
static int writing(int descriptor) {
  return INTERRUPTED | SHORT | (is_file(descriptor) ? INPUT_OUTPUT | NO_SPACE : 0);
}

#define NEXT(name) \
  static __typeof__(&name) next; \
  if (!next) next = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

// A call with nothing special about it.
#define CALL(result, failure, name, parameters, arguments, possible) \
  result name parameters { \
    NEXT(name); \
    if (fails(#name, possible)) return failure; \
    return next arguments; \
  }

// A call that moves bytes, of which it may move half.
#define TRANSFER(name, parameters, count, arguments, possible) \
  ssize_t name parameters { \
    NEXT(name); \
    if ((manner != SHORT || (count) > 1) && fails(#name, possible)) { \
      if (manner != SHORT) return -1; \
      count = (count) / 2; \
    } \
    return next arguments; \
  }

TRANSFER(read, (int file, void *bytes, size_t count), count, (file, bytes, count), reading(file))
TRANSFER(pread, (int file, void *bytes, size_t count, off_t at), count, (file, bytes, count, at), reading(file))
TRANSFER(pread64, (int file, void *bytes, size_t count, off64_t at), count, (file, bytes, count, at), reading(file))
TRANSFER(write, (int file, const void *bytes, size_t count), count, (file, bytes, count), writing(file))
TRANSFER(pwrite, (int file, const void *bytes, size_t count, off_t at), count, (file, bytes, count, at),
         writing(file))
TRANSFER(pwrite64, (int file, const void *bytes, size_t count, off64_t at), count, (file, bytes, count, at),
         writing(file))
TRANSFER(send, (int file, const void *bytes, size_t count, int flags), count, (file, bytes, count, flags),
         INTERRUPTED | SHORT | MEMORY)
TRANSFER(recv, (int file, void *bytes, size_t count, int flags), count, (file, bytes, count, flags),
         INTERRUPTED | SHORT)
// Of several parts the first ones are moved.
TRANSFER(readv, (int file, const struct iovec *parts, int count), count, (file, parts, count), reading(file))
TRANSFER(writev, (int file, const struct iovec *parts, int count), count, (file, parts, count), writing(file))

CALL(ssize_t, -1, sendmsg, (int file, const struct msghdr *message, int flags), (file, message, flags),
     INTERRUPTED | MEMORY)
CALL(ssize_t, -1, recvmsg, (int file, struct msghdr *message, int flags), (file, message, flags), INTERRUPTED)

CALL(int, -1, fsync, (int file), (file), INPUT_OUTPUT | NO_SPACE)
CALL(int, -1, fdatasync, (int file), (file), INPUT_OUTPUT | NO_SPACE)
CALL(int, -1, ftruncate, (int file, off_t size), (file, size), INPUT_OUTPUT | NO_SPACE | INTERRUPTED)
CALL(int, -1, ftruncate64, (int file, off64_t size), (file, size), INPUT_OUTPUT | NO_SPACE | INTERRUPTED)
CALL(int, -1, fallocate, (int file, int mode, off_t at, off_t size), (file, mode, at, size),
     INPUT_OUTPUT | NO_SPACE | INTERRUPTED)
CALL(int, -1, unlink, (const char *path), (path), INPUT_OUTPUT | MEMORY)
CALL(int, -1, rename, (const char *from, const char *to), (from, to), INPUT_OUTPUT | NO_SPACE | MEMORY)
CALL(int, -1, mkdir, (const char *path, mode_t mode), (path, mode), INPUT_OUTPUT | NO_SPACE | MEMORY)
CALL(int, -1, flock, (int file, int operation), (file, operation), INTERRUPTED | MEMORY)
CALL(DIR *, NULL, opendir, (const char *path), (path), INPUT_OUTPUT | DESCRIPTORS | MEMORY)
CALL(int, -1, stat, (const char *path, struct stat *status), (path, status), INPUT_OUTPUT | MEMORY)
CALL(int, -1, lstat, (const char *path, struct stat *status), (path, status), INPUT_OUTPUT | MEMORY)
CALL(int, -1, fstatat, (int folder, const char *path, struct stat *status, int flags),
     (folder, path, status, flags), INPUT_OUTPUT | MEMORY)
CALL(char *, NULL, realpath, (const char *path, char *resolved), (path, resolved), INPUT_OUTPUT | MEMORY)
CALL(void *, MAP_FAILED, mmap, (void *address, size_t size, int access, int flags, int file, off_t at),
     (address, size, access, flags, file, at), MEMORY)
CALL(void *, MAP_FAILED, mmap64, (void *address, size_t size, int access, int flags, int file, off64_t at),
     (address, size, access, flags, file, at), MEMORY)

CALL(int, -1, socket, (int domain, int type, int protocol), (domain, type, protocol), DESCRIPTORS | MEMORY)
CALL(int, -1, socketpair, (int domain, int type, int protocol, int *pair), (domain, type, protocol, pair),
     DESCRIPTORS | MEMORY)
CALL(int, -1, bind, (int file, const struct sockaddr *address, socklen_t size), (file, address, size),
     INPUT_OUTPUT | NO_SPACE | MEMORY)
CALL(int, -1, accept, (int file, struct sockaddr *address, socklen_t *size), (file, address, size),
     INTERRUPTED | DESCRIPTORS | MEMORY)
CALL(int, -1, accept4, (int file, struct sockaddr *address, socklen_t *size, int flags),
     (file, address, size, flags), INTERRUPTED | DESCRIPTORS | MEMORY)
CALL(int, -1, connect, (int file, const struct sockaddr *address, socklen_t size), (file, address, size),
     INTERRUPTED)
CALL(int, -1, pipe, (int *ends), (ends), DESCRIPTORS)
CALL(int, -1, pipe2, (int *ends, int flags), (ends, flags), DESCRIPTORS)
CALL(int, -1, dup, (int file), (file), DESCRIPTORS)
CALL(int, -1, eventfd, (unsigned count, int flags), (count, flags), DESCRIPTORS | MEMORY)
CALL(int, -1, timerfd_create, (int clock, int flags), (clock, flags), DESCRIPTORS | MEMORY)
CALL(int, -1, epoll_create1, (int flags), (flags), DESCRIPTORS | MEMORY)
CALL(int, -1, epoll_ctl, (int queue, int operation, int file, struct epoll_event *event),
     (queue, operation, file, event), operation == EPOLL_CTL_ADD ? NO_SPACE | MEMORY : 0)
CALL(int, -1, epoll_wait, (int queue, struct epoll_event *events, int count, int timeout),
     (queue, events, count, timeout), INTERRUPTED)
CALL(int, -1, poll, (struct pollfd *files, nfds_t count, int timeout), (files, count, timeout), INTERRUPTED)
CALL(int, -1, inotify_init1, (int flags), (flags), DESCRIPTORS | MEMORY)
CALL(int, -1, inotify_add_watch, (int queue, const char *path, uint32_t mask), (queue, path, mask),
     NO_SPACE | MEMORY)
CALL(int, -1, execve, (const char *path, char *const arguments[], char *const environment[]),
     (path, arguments, environment), INPUT_OUTPUT | MEMORY)

// Whether a file is one that the kernel makes up, which has no disk that could fail.
static int is_made_up(const char *path) { return !strncmp(path, "/proc/", 6) || !strncmp(path, "/sys/", 5); }

// What may have one more argument.
#define OPENING INPUT_OUTPUT | DESCRIPTORS | MEMORY | INTERRUPTED | (flags & O_CREAT ? NO_SPACE : 0)
#define OPEN(name, parameters, ...) \
  int name parameters { \
    NEXT(name); \
    if (!is_made_up(path) && fails(#name, OPENING)) return -1; \
    va_list list; \
    va_start(list, flags); \
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(list, mode_t) : 0; \
    va_end(list); \
    return next(__VA_ARGS__, flags, mode); \
  }
OPEN(open, (const char *path, int flags, ...), path)
OPEN(open64, (const char *path, int flags, ...), path)
OPEN(openat, (int folder, const char *path, int flags, ...), folder, path)
OPEN(openat64, (int folder, const char *path, int flags, ...), folder, path)

#define CONTROLLING \
  (command == F_DUPFD || command == F_DUPFD_CLOEXEC ? DESCRIPTORS \
   : command == F_SETLK || command == F_SETLKW     ? INTERRUPTED | INPUT_OUTPUT \
                                                   : 0)
#define CONTROL(name) \
  int name(int file, int command, ...) { \
    NEXT(name); \
    if (fails(#name, CONTROLLING)) return -1; \
    va_list list; \
    va_start(list, command); \
    void *argument = va_arg(list, void *); \
    va_end(list); \
    return next(file, command, argument); \
  }
CONTROL(fcntl)
CONTROL(fcntl64)
#endif
