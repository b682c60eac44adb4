// SPDX-License-Identifier: Apache-2.0
//
// Between vfork and exec the child shares the parent's memory and only calls what is safe there. Signals are
// blocked meanwhile, so that no handler of the parent's runs in the child.

#define _GNU_SOURCE
#include "CSpawn.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/prctl.h>
#endif

static void reset_signals(void) {
  for (int number = 1; number < NSIG; number++) {
    if (number == SIGKILL || number == SIGSTOP) continue;
    struct sigaction action;
    if (sigaction(number, NULL, &action) == 0 && action.sa_handler != SIG_DFL) signal(number, SIG_DFL);
  }
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
}

static int become(const struct earshot_spawn *request, pid_t parent) {
  if (setpgid(0, 0) != 0) return errno;
#ifdef __linux__
  if (request->death_signal != 0) {
    if (prctl(PR_SET_PDEATHSIG, request->death_signal) != 0) return errno;
    // The parent may have died before the request was made.
    if (getppid() != parent) return ESRCH;
  }
#else
  (void)parent;
#endif
  if (request->directory != NULL && chdir(request->directory) != 0) return errno;
  if (dup2(request->input, 0) < 0 || dup2(request->output, 1) < 0 || dup2(request->error, 2) < 0) return errno;
#ifdef __linux__
  close_range(3, ~0U, 0);
#endif
  reset_signals();
  execve(request->path, request->arguments, request->environment);
  return errno;
}

int earshot_spawn(const struct earshot_spawn *request, pid_t *pid) {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  volatile int failure = 0;
  pid_t parent = getpid();
  pid_t child = vfork();
  if (child == 0) {
    failure = become(request, parent);
    _exit(127);
  }
  int error = child < 0 ? errno : failure;
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  if (child > 0 && error != 0) {
    int status;
    waitpid(child, &status, 0);
  }
  if (error == 0) *pid = child;
  return error;
}
