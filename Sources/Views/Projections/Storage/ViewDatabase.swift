// SPDX-License-Identifier: Apache-2.0

import EventModel
import Foundation
import GRDBSQLite
import Synchronization

/// The database of the views and the one connection that writes it.
final class ViewDatabase {
  /// Says how the tables are laid out; another number makes for another database.
  private static let layout: Int64 = 1
  /// After how many pages the write-ahead log is put into the database, and after how many that waits for whoever reads.
  private static let pages = (usual: Int32(4000), most: Int32(16_000))

  let connection: ViewConnection
  /// The length of the write-ahead log in pages; changed by SQLite on this thread.
  private let length = PageCount()

  private final class PageCount {
    var pages: Int32 = 0
  }

  private init(_ connection: ViewConnection) {
    self.connection = connection
    sqlite3_wal_hook(
      connection.handle,
      { context, _, _, pages in
        if let context { Unmanaged<PageCount>.fromOpaque(context).takeUnretainedValue().pages = pages }
        return SQLITE_OK
      },
      Unmanaged.passUnretained(length).toOpaque()
    )
  }

  deinit { sqlite3_wal_hook(connection.handle, nil, nil) }

  /// Opens the database at `path`, making it if it is not there or cannot be used; then `reason` says why.
  static func open(_ path: String) throws(ViewFailure) -> (database: ViewDatabase, reason: String?) {
    let isThere = access(path, F_OK) == 0
    do throws(ViewFailure) {
      return (try make(path), isThere ? nil : "there was none")
    } catch {
      guard error.code == .corrupt || error.code == .question else { throw error }
      remove(path)
      return (try make(path), error.message)
    }
  }

  /// Removes the files of a database that nobody has open for writing.
  static func remove(_ path: String) {
    for suffix in ["-wal", "-shm", ""] { unlink(path + suffix) }
  }

  private static func make(_ path: String) throws(ViewFailure) -> ViewDatabase {
    // For this user alone, as the log is; the database's other files take their mode from this one.
    close(Foundation.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600))
    let connection = try ViewConnection(path: path, .writing)
    // What is lost in a power cut is folded again, so nothing is synced but when the write-ahead log is put into the database.
    try connection.execute(
      "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -16384"
    )
    try connection.execute("PRAGMA journal_size_limit = 67108864")
    let layout = try connection.integer("PRAGMA user_version") ?? 0
    if layout == 0 {
      try connection.execute("BEGIN IMMEDIATE")
      try connection.execute(ViewRecord.schema)
      try connection.execute(
        "CREATE TABLE earshot_state (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID, STRICT"
      )
      try connection.execute("PRAGMA user_version = \(Self.layout)")
      try connection.execute("COMMIT")
    } else if layout != Self.layout {
      throw ViewFailure(.corrupt, "it was written by another version of Earshot")
    }
    return ViewDatabase(connection)
  }

  /// What is noted of the database as a whole.
  enum Note: String {
    /// The last notice of an erasure that was heeded.
    case erasures
    /// That something of what was erased may be left where tables were.
    case unclean
  }

  /// The position that is noted; the start when none is.
  func value(of note: Note) throws(ViewFailure) -> LogPosition {
    let value = try connection.integer("SELECT value FROM earshot_state WHERE name = '\(note.rawValue)'")
    return LogPosition(rawValue: value ?? 0)
  }

  /// Notes a position, in a transaction of the caller's.
  func set(_ note: Note, to position: LogPosition) throws(ViewFailure) {
    let statement = try connection.prepare("INSERT OR REPLACE INTO earshot_state (name, value) VALUES (?, ?)")
    statement.bind(1, note.rawValue)
    statement.bind(2, position.rawValue)
    try statement.run()
  }

  /// Writes the whole database anew, so that nothing is left of what was deleted.
  func rewrite() throws(ViewFailure) {
    try connection.execute("PRAGMA secure_delete = ON; VACUUM; PRAGMA secure_delete = OFF")
    try truncate()
  }

  /// Puts the write-ahead log into the database when it is long enough.
  func checkpoint() throws(ViewFailure) {
    guard length.pages >= Self.pages.usual else { return }
    let mode = length.pages >= Self.pages.most ? SQLITE_CHECKPOINT_RESTART : SQLITE_CHECKPOINT_PASSIVE
    try checkpoint(mode)
  }

  /// Puts the whole write-ahead log into the database and empties its file.
  func truncate() throws(ViewFailure) { try checkpoint(SQLITE_CHECKPOINT_TRUNCATE) }

  private func checkpoint(_ mode: Int32) throws(ViewFailure) {
    let status = sqlite3_wal_checkpoint_v2(connection.handle, nil, mode, nil, nil)
    // While somebody reads, it is done the next time.
    guard status == SQLITE_OK || status & 0xFF == SQLITE_BUSY else {
      throw ViewFailure(sqlite: status, connection.handle)
    }
  }
}
