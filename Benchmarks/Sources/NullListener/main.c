// SPDX-License-Identifier: Apache-2.0
// A listener that does nothing, as fast as it can be done: what is left is the host's own time.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char hello[] =
    "{\"kind\":\"hello\",\"protocol\":1,\"name\":\"null\",\"version\":\"1\",\"actions\":"
    "[{\"name\":\"do\",\"summary\":\"Does nothing.\",\"effects\":\"idempotent\"}]}\n";
static const char run[] = "{\"kind\":\"run\",\"id\":";

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
    // One write answers all requests that one read has brought.
    while ((end = memchr(input + used, '\n', held - used))) {
      char *line = input + used;
      used = (size_t)(end - input) + 1;
      if (strncmp(line, "{\"kind\":\"stop\"", 14) == 0) return 0;
      if (strncmp(line, run, sizeof run - 1) != 0) continue;
      unsigned long id = strtoul(line + sizeof run - 1, NULL, 10);
      length += (size_t)sprintf(output + length, "{\"kind\":\"ack\",\"id\":%lu}\n", id);
    }
    memmove(input, input + used, held - used);
    held -= used;
    for (size_t sent = 0; sent < length;) {
      ssize_t written = write(1, output + sent, length - sent);
      if (written <= 0) return 1;
      sent += (size_t)written;
    }
  }
}
