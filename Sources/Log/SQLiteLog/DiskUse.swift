// SPDX-License-Identifier: Apache-2.0

import GRDB

/// How a log uses the disk; tests have it otherwise.
struct DiskUse: Sendable {
  /// When SQLite waits for the disk: `FULL` is at every commit.
  var synchronous = "FULL"
  /// After how many pages the write-ahead log is carried over into the database.
  var pagesPerCheckpoint = 4000
  /// The name of the layer through which SQLite reaches its files; nil for its own.
  var storage: String?

  /// What SQLite is given as the name of the database at `path`.
  func name(of path: String) -> String { storage.map { "file:\(path)?vfs=\($0)" } ?? path }

  /// The settings of the connection that writes.
  var configuration: Configuration {
    var configuration = Configuration()
    configuration.prepareDatabase { database in
      try database.execute(
        sql: """
          PRAGMA auto_vacuum = INCREMENTAL;
          PRAGMA journal_mode = WAL;
          PRAGMA synchronous = \(synchronous);
          PRAGMA wal_autocheckpoint = \(pagesPerCheckpoint);
          PRAGMA journal_size_limit = 67108864;
          PRAGMA cache_size = -16000;
          PRAGMA temp_store = MEMORY;
          PRAGMA trusted_schema = OFF;
          PRAGMA secure_delete = ON;
          """
      )
    }
    return configuration
  }
}
