// SPDX-License-Identifier: Apache-2.0
// A listener that does nothing, as fast as it can be done: what is left is the host's own time. When its settings name a
// file (`times`), it appends to that, for each run whose event says when it was `sent`, how many nanoseconds ago that was.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char hello[] =
    "{\"kind\":\"hello\",\"protocol\":1,\"name\":\"null\",\"version\":\"1\",\"actions\":"
    "[{\"name\":\"do\",\"summary\":\"Does nothing.\",\"effects\":\"idempotent\"}]}\n";
static const char run[] = "{\"kind\":\"run\",\"id\":";
static FILE *times;

static int64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static void open_times(char *line) {
  char *path = strstr(line, "\"times\":\"");
  if (!path) return;
  path += 9;
  char *end = strchr(path, '"');
  if (!end) return;
  *end = 0;
  times = fopen(path, "ab");
  *end = '"';
}

static void note_time(const char *line, int64_t heard) {
  const char *sent = strstr(line, "\"sent\":");
  if (!sent) return;
  int64_t passed = heard - strtoll(sent + 7, NULL, 10);
  fwrite(&passed, sizeof passed, 1, times);
}

int main(void) {
  static char input[8 << 20], output[8 << 20];
  size_t held = 0;
  if (write(1, hello, sizeof hello - 1) < 0) return 1;
  for (;;) {
    ssize_t count = read(0, input + held, sizeof input - held);
    if (count <= 0) return 0;
    held += (size_t)count;
    size_t used = 0, length = 0;
    char *end;
    const int64_t heard = times ? now() : 0;
    // One write answers all requests that one read has brought.
    while ((end = memchr(input + used, '\n', held - used))) {
      char *line = input + used;
      used = (size_t)(end - input) + 1;
      *end = 0;
      if (strncmp(line, "{\"kind\":\"stop\"", 14) == 0) return 0;
      if (strncmp(line, "{\"kind\":\"start\"", 15) == 0) open_times(line);
      if (strncmp(line, run, sizeof run - 1) != 0) continue;
      if (times) note_time(line, heard);
      unsigned long id = strtoul(line + sizeof run - 1, NULL, 10);
      length += (size_t)sprintf(output + length, "{\"kind\":\"ack\",\"id\":%lu}\n", id);
    }
    if (times) fflush(times);
    memmove(input, input + used, held - used);
    held -= used;
    for (size_t sent = 0; sent < length;) {
      ssize_t written = write(1, output + sent, length - sent);
      if (written <= 0) return 1;
      sent += (size_t)written;
    }
  }
}
