// SPDX-License-Identifier: Apache-2.0

#ifndef EARSHOT_C_FAILING_CALLS_H
#define EARSHOT_C_FAILING_CALLS_H

// To be loaded before all other libraries (LD_PRELOAD): lets one call of the system fail.
//
// EARSHOT_FAIL=NAME:ERRNO:N lets the N-th call of NAME, counted from 1, fail with that error, for example
// `fdatasync:5:3`; `EARSHOT_FAIL_LOG` names a file to which a line is added when it does.

#endif
