// SPDX-License-Identifier: Apache-2.0
//
// What Earshot needs of RE2, as C. RE2 matches in time linear in the text, whatever the expression.

#ifndef EARSHOT_CRE2_H
#define EARSHOT_CRE2_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/// A compiled expression; may be used by several threads at once.
typedef struct earshot_regex earshot_regex;

/// Compiles UTF-8 of the given length, in at most `memory` bytes.
///
/// On failure returns NULL and writes a message that ends in a zero byte to `message`, which has room for
/// `capacity` bytes.
earshot_regex *earshot_regex_new(const char *pattern, size_t length, size_t memory, char *message, size_t capacity);

/// Frees an expression; NULL is ignored.
void earshot_regex_free(earshot_regex *regex);

/// Whether the expression matches somewhere within the text.
bool earshot_regex_matches(const earshot_regex *regex, const char *text, size_t length);

/// The number of groups in parentheses.
int earshot_regex_groups(const earshot_regex *regex);

/// Finds the first match that begins at `start` or later.
///
/// Writes the offsets of the beginning and the end of the match and of each group to `offsets`, which has room for
/// 2 * `count` numbers, the match itself being the first group; -1 for a group that took no part.
bool earshot_regex_find(
  const earshot_regex *regex, const char *text, size_t length, size_t start, ptrdiff_t *offsets, int count);

#ifdef __cplusplus
}
#endif

#endif
