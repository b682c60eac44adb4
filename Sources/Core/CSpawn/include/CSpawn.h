// SPDX-License-Identifier: Apache-2.0
#ifndef EARSHOT_CSPAWN_H
#define EARSHOT_CSPAWN_H

#include <sys/types.h>

/// What a child process is to be.
struct earshot_spawn {
  const char *path;          ///< the executable's path
  char *const *arguments;    ///< with the name first, ended by NULL
  char *const *environment;  ///< NAME=value, ended by NULL
  const char *directory;     ///< the working directory, or NULL for the parent's
  int input;                 ///< becomes descriptor 0; 3 or above
  int output;                ///< becomes descriptor 1; 3 or above
  int error;                 ///< becomes descriptor 2; 3 or above
  int death_signal;          ///< sent when the thread that spawned ends (Linux), or 0
};

/// Starts a process that leads a group of its own, with default signal handling and no other descriptor.
///
/// Returns 0 and the process id, or the number of the error that kept the program from starting.
int earshot_spawn(const struct earshot_spawn *request, pid_t *pid);

/// Lets buffers of at least so many bytes go back to the system as soon as they are freed, where that is to be said.
void earshot_give_back_buffers(int size);

#endif
