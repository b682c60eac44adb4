// SPDX-License-Identifier: Apache-2.0

// A VFS of SQLite that passes every call on to the default one, after it has asked whether the call is to fail.

#include "CWatchedStorage.h"

#include <sqlite3.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

struct earshot_storage {
  sqlite3_vfs vfs;
  sqlite3_vfs *below;
  _Atomic(earshot_storage_watch) watch;
  void *context;
};

// The file of the VFS below follows in the same memory.
struct watched_file {
  sqlite3_file base;
  struct earshot_storage *storage;
  const char *path;
  sqlite3_file *below;
};

static struct watched_file *watched(sqlite3_file *file) { return (struct watched_file *)file; }
static sqlite3_file *below(sqlite3_file *file) { return watched(file)->below; }
static sqlite3_vfs *under(sqlite3_vfs *vfs) { return ((struct earshot_storage *)vfs)->below; }

static int ask(struct earshot_storage *storage, struct earshot_storage_call call, int64_t *written) {
  earshot_storage_watch watch = atomic_load(&storage->watch);
  *written = 0;
  return watch && call.path ? watch(storage->context, &call, written) : SQLITE_OK;
}

static int ask_file(sqlite3_file *file, int kind, int64_t count, int64_t offset) {
  int64_t written;
  struct earshot_storage_call call = {kind, watched(file)->path, NULL, count, offset};
  return ask(watched(file)->storage, call, &written);
}

static int file_close(sqlite3_file *file) { return below(file)->pMethods->xClose(below(file)); }

static int file_read(sqlite3_file *file, void *bytes, int count, sqlite3_int64 offset) {
  int status = ask_file(file, EARSHOT_STORAGE_READ, count, offset);
  return status ? status : below(file)->pMethods->xRead(below(file), bytes, count, offset);
}

static int file_write(sqlite3_file *file, const void *bytes, int count, sqlite3_int64 offset) {
  int64_t written;
  struct earshot_storage_call call = {EARSHOT_STORAGE_WRITE, watched(file)->path, bytes, count, offset};
  int status = ask(watched(file)->storage, call, &written);
  if (status == SQLITE_OK) return below(file)->pMethods->xWrite(below(file), bytes, count, offset);
  if (written > 0 && written < count) below(file)->pMethods->xWrite(below(file), bytes, (int)written, offset);
  return status;
}

static int file_truncate(sqlite3_file *file, sqlite3_int64 size) {
  int status = ask_file(file, EARSHOT_STORAGE_TRUNCATE, 0, size);
  return status ? status : below(file)->pMethods->xTruncate(below(file), size);
}

static int file_sync(sqlite3_file *file, int flags) {
  int status = ask_file(file, EARSHOT_STORAGE_SYNC, 0, 0);
  return status ? status : below(file)->pMethods->xSync(below(file), flags);
}

static int file_size(sqlite3_file *file, sqlite3_int64 *size) {
  int status = ask_file(file, EARSHOT_STORAGE_SIZE, 0, 0);
  return status ? status : below(file)->pMethods->xFileSize(below(file), size);
}

static int file_lock(sqlite3_file *file, int level) {
  int status = ask_file(file, EARSHOT_STORAGE_LOCK, level, 0);
  return status ? status : below(file)->pMethods->xLock(below(file), level);
}

static int file_unlock(sqlite3_file *file, int level) { return below(file)->pMethods->xUnlock(below(file), level); }

static int file_check_lock(sqlite3_file *file, int *result) {
  return below(file)->pMethods->xCheckReservedLock(below(file), result);
}

static int file_control(sqlite3_file *file, int operation, void *argument) {
  return below(file)->pMethods->xFileControl(below(file), operation, argument);
}

static int file_sector_size(sqlite3_file *file) { return below(file)->pMethods->xSectorSize(below(file)); }

static int file_characteristics(sqlite3_file *file) {
  return below(file)->pMethods->xDeviceCharacteristics(below(file));
}

static int file_share(sqlite3_file *file, int page, int size, int extend, void volatile **memory) {
  int status = ask_file(file, EARSHOT_STORAGE_SHARE, size, page);
  if (status) *memory = NULL;
  return status ? status : below(file)->pMethods->xShmMap(below(file), page, size, extend, memory);
}

static int file_share_lock(sqlite3_file *file, int offset, int count, int flags) {
  return below(file)->pMethods->xShmLock(below(file), offset, count, flags);
}

static void file_share_barrier(sqlite3_file *file) { below(file)->pMethods->xShmBarrier(below(file)); }

static int file_share_end(sqlite3_file *file, int remove) {
  return below(file)->pMethods->xShmUnmap(below(file), remove);
}

// Version 2: without memory maps, so that nothing is written behind its back.
static const sqlite3_io_methods methods = {
    .iVersion = 2,
    .xClose = file_close,
    .xRead = file_read,
    .xWrite = file_write,
    .xTruncate = file_truncate,
    .xSync = file_sync,
    .xFileSize = file_size,
    .xLock = file_lock,
    .xUnlock = file_unlock,
    .xCheckReservedLock = file_check_lock,
    .xFileControl = file_control,
    .xSectorSize = file_sector_size,
    .xDeviceCharacteristics = file_characteristics,
    .xShmMap = file_share,
    .xShmLock = file_share_lock,
    .xShmBarrier = file_share_barrier,
    .xShmUnmap = file_share_end,
};

static int vfs_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *file, int flags, int *result) {
  struct watched_file *opened = watched(file);
  opened->storage = (struct earshot_storage *)vfs;
  opened->path = path;
  opened->below = (sqlite3_file *)(opened + 1);
  file->pMethods = NULL;
  int exists = 0;
  if (path) under(vfs)->xAccess(under(vfs), path, SQLITE_ACCESS_EXISTS, &exists);
  int kind = exists || !(flags & SQLITE_OPEN_CREATE) ? EARSHOT_STORAGE_OPEN : EARSHOT_STORAGE_CREATE;
  int status = ask_file(file, kind, flags, 0);
  if (status == SQLITE_OK) status = under(vfs)->xOpen(under(vfs), path, opened->below, flags, result);
  if (status == SQLITE_OK) file->pMethods = &methods;
  return status;
}

static int vfs_delete(sqlite3_vfs *vfs, const char *path, int sync_folder) {
  int64_t written;
  struct earshot_storage_call call = {EARSHOT_STORAGE_DELETE, path, NULL, sync_folder, 0};
  int status = ask((struct earshot_storage *)vfs, call, &written);
  return status ? status : under(vfs)->xDelete(under(vfs), path, sync_folder);
}

static int vfs_access(sqlite3_vfs *vfs, const char *path, int flags, int *result) {
  int64_t written;
  struct earshot_storage_call call = {EARSHOT_STORAGE_ACCESS, path, NULL, flags, 0};
  int status = ask((struct earshot_storage *)vfs, call, &written);
  return status ? status : under(vfs)->xAccess(under(vfs), path, flags, result);
}

static int vfs_full_path(sqlite3_vfs *vfs, const char *path, int count, char *result) {
  return under(vfs)->xFullPathname(under(vfs), path, count, result);
}

static int vfs_randomness(sqlite3_vfs *vfs, int count, char *bytes) {
  return under(vfs)->xRandomness(under(vfs), count, bytes);
}

static int vfs_sleep(sqlite3_vfs *vfs, int microseconds) { return under(vfs)->xSleep(under(vfs), microseconds); }

static int vfs_time(sqlite3_vfs *vfs, double *time) { return under(vfs)->xCurrentTime(under(vfs), time); }

static int vfs_last_error(sqlite3_vfs *vfs, int count, char *text) {
  return under(vfs)->xGetLastError(under(vfs), count, text);
}

static int vfs_time64(sqlite3_vfs *vfs, sqlite3_int64 *time) {
  return under(vfs)->xCurrentTimeInt64(under(vfs), time);
}

struct earshot_storage *earshot_storage_register(const char *name, earshot_storage_watch watch, void *context) {
  sqlite3_vfs *lower = sqlite3_vfs_find(NULL);
  struct earshot_storage *storage = calloc(1, sizeof *storage);
  if (!lower || !storage) return NULL;
  storage->below = lower;
  storage->context = context;
  atomic_store(&storage->watch, watch);
  storage->vfs = (sqlite3_vfs){
      .iVersion = 2,
      .szOsFile = (int)sizeof(struct watched_file) + lower->szOsFile,
      .mxPathname = lower->mxPathname,
      .zName = strdup(name),
      .xOpen = vfs_open,
      .xDelete = vfs_delete,
      .xAccess = vfs_access,
      .xFullPathname = vfs_full_path,
      .xRandomness = vfs_randomness,
      .xSleep = vfs_sleep,
      .xCurrentTime = vfs_time,
      .xGetLastError = vfs_last_error,
      .xCurrentTimeInt64 = vfs_time64,
  };
  sqlite3_vfs_register(&storage->vfs, 0);
  return storage;
}

void earshot_storage_forget(struct earshot_storage *storage) {
  atomic_store(&storage->watch, NULL);
  // Not freed: a connection may still close its files.
  sqlite3_vfs_unregister(&storage->vfs);
}
