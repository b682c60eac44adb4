// SPDX-License-Identifier: Apache-2.0

#define _GNU_SOURCE

#include "CFailingCalls.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static char name[32];
static int error;
static long place;
static atomic_long count;

// Before any other code of the process, so that nothing is missed and no lock is needed.
__attribute__((constructor)) static void begin(void) {
  const char *wish = getenv("EARSHOT_FAIL");
  if (wish) sscanf(wish, "%31[^:]:%d:%ld", name, &error, &place);
}

static void tell(void) {
  const char *path = getenv("EARSHOT_FAIL_LOG");
  if (!path) return;
  int file = (int)syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  syscall(SYS_write, file, "failed\n", 7);
  syscall(SYS_close, file);
}

// Whether this call is the one that fails; sets errno.
static int fails(const char *called) {
  if (place == 0 || strcmp(called, name) != 0) return 0;
  if (atomic_fetch_add(&count, 1) + 1 != place) return 0;
  tell();
  errno = error;
  return 1;
}

#define PASS(result, called, parameters, arguments)                      \
  result called parameters {                                             \
    static result(*_Atomic below) parameters;                            \
    if (fails(#called)) return -1;                                       \
    result(*next) parameters = atomic_load(&below);                      \
    if (!next) {                                                         \
      next = (result(*) parameters)dlsym(RTLD_NEXT, #called);            \
      atomic_store(&below, next);                                        \
    }                                                                    \
    return next arguments;                                               \
  }

PASS(ssize_t, write, (int file, const void *bytes, size_t length), (file, bytes, length))
PASS(ssize_t, pwrite, (int file, const void *bytes, size_t length, off_t place), (file, bytes, length, place))
PASS(ssize_t, pwrite64, (int file, const void *bytes, size_t length, off64_t place), (file, bytes, length, place))
PASS(ssize_t, writev, (int file, const struct iovec *parts, int length), (file, parts, length))
PASS(ssize_t, read, (int file, void *bytes, size_t length), (file, bytes, length))
PASS(ssize_t, pread64, (int file, void *bytes, size_t length, off64_t place), (file, bytes, length, place))
PASS(int, fsync, (int file), (file))
PASS(int, fdatasync, (int file), (file))
PASS(int, ftruncate, (int file, off_t length), (file, length))
PASS(int, ftruncate64, (int file, off64_t length), (file, length))
PASS(int, accept4, (int file, struct sockaddr *address, socklen_t *length, int flags), (file, address, length, flags))
PASS(int, accept, (int file, struct sockaddr *address, socklen_t *length), (file, address, length))
PASS(int, socket, (int domain, int type, int protocol), (domain, type, protocol))
PASS(int, socketpair, (int domain, int type, int protocol, int files[2]), (domain, type, protocol, files))
PASS(int, pipe2, (int files[2], int flags), (files, flags))
PASS(int, epoll_ctl, (int poll, int operation, int file, struct epoll_event *event), (poll, operation, file, event))
PASS(ssize_t, send, (int file, const void *bytes, size_t length, int flags), (file, bytes, length, flags))
PASS(ssize_t, recv, (int file, void *bytes, size_t length, int flags), (file, bytes, length, flags))
PASS(int, unlink, (const char *path), (path))

#define PASS_OPEN(called)                                                \
  int called(const char *path, int flags, ...) {                         \
    va_list rest;                                                        \
    va_start(rest, flags);                                               \
    mode_t mode = (mode_t)va_arg(rest, int);                             \
    va_end(rest);                                                        \
    if (fails("open")) return -1;                                        \
    return (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);        \
  }

PASS_OPEN(open)
PASS_OPEN(open64)
