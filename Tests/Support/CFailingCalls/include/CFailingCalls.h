// SPDX-License-Identifier: Apache-2.0

#ifndef EARSHOT_FAILING_CALLS_H
#define EARSHOT_FAILING_CALLS_H

#include <stdint.h>

/// What a process with failing calls tells of them, in a file that it maps; survives its end.
struct earshot_failing_calls {
  /// How many calls there were that can fail in the manner in question.
  _Atomic(uint64_t) count;
  /// The name of the one that failed; empty when none did.
  char failed[24];
};

#endif
