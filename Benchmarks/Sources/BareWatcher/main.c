// SPDX-License-Identifier: Apache-2.0
// The least that can be done: watch folders with inotify and start a command for each file that was written.
//   bare-watcher COMMAND FOLDER...
#include <errno.h>
#include <limits.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

int main(int argc, char **argv) {
  int notify = inotify_init1(IN_CLOEXEC);
  char **folders = calloc((size_t)argc + 1, sizeof *folders);
  for (int i = 2; i < argc; i++) {
    int watch = inotify_add_watch(notify, argv[i], IN_CLOSE_WRITE);
    if (watch < 0 || watch > argc) { perror(argv[i]); return 1; }
    folders[watch] = argv[i];
  }
  puts("ready");
  fflush(stdout);
  static char buffer[65536] __attribute__((aligned(__alignof__(struct inotify_event))));
  for (;;) {
    ssize_t count = read(notify, buffer, sizeof buffer);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return 1;
    for (char *at = buffer; at < buffer + count;) {
      struct inotify_event *event = (struct inotify_event *)at;
      char path[PATH_MAX];
      snprintf(path, sizeof path, "%s/%s", folders[event->wd], event->name);
      char *arguments[] = {argv[1], path, NULL};
      pid_t child;
      if (posix_spawn(&child, argv[1], NULL, NULL, arguments, environ) == 0) waitpid(child, NULL, 0);
      at += sizeof *event + event->len;
    }
  }
}
