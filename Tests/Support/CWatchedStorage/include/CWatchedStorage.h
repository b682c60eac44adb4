// SPDX-License-Identifier: Apache-2.0

#ifndef EARSHOT_C_WATCHED_STORAGE_H
#define EARSHOT_C_WATCHED_STORAGE_H

#include <stdint.h>

/// The kinds of calls that SQLite makes to its storage.
enum {
  EARSHOT_STORAGE_OPEN,
  EARSHOT_STORAGE_CREATE,
  EARSHOT_STORAGE_READ,
  EARSHOT_STORAGE_WRITE,
  EARSHOT_STORAGE_TRUNCATE,
  EARSHOT_STORAGE_SYNC,
  EARSHOT_STORAGE_SIZE,
  EARSHOT_STORAGE_LOCK,
  EARSHOT_STORAGE_SHARE,
  EARSHOT_STORAGE_DELETE,
  EARSHOT_STORAGE_ACCESS,
};

/// One call, before it is made; what it does not have is zero.
struct earshot_storage_call {
  int kind;
  const char *path;
  const void *bytes;
  int64_t count;
  int64_t offset;
};

/// Hears of a call and says what SQLite is told: 0 to let it be made, or a status with which it fails.
///
/// Of a write that fails, the first `*written` bytes are written all the same.
typedef int (*earshot_storage_watch)(void *context, const struct earshot_storage_call *call, int64_t *written);

struct earshot_storage;

/// Registers a storage of that name over SQLite's own; a name is used once.
struct earshot_storage *earshot_storage_register(const char *name, earshot_storage_watch watch, void *context);

/// Stops telling of calls; the storage goes on for those that have files of it open.
void earshot_storage_forget(struct earshot_storage *storage);

#endif
