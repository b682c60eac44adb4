// SPDX-License-Identifier: Apache-2.0
// Writes the time at which it was started to the pipe that its second argument or STAMP_TO names.
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

int main(int argc, char **argv) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  uint64_t nanoseconds = (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
  const char *path = argc > 2 ? argv[2] : getenv("STAMP_TO");
  int pipe = path ? open(path, O_WRONLY) : -1;
  return pipe >= 0 && write(pipe, &nanoseconds, sizeof nanoseconds) == sizeof nanoseconds ? 0 : 1;
}
