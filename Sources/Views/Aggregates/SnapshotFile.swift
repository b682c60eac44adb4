// SPDX-License-Identifier: Apache-2.0

import Crypto
import DurableLog
import EventModel
import Foundation
import GRDB
import Rules
import Synchronization

/// The states of long streams on disk, so that not all of their events have to be read again.
///
/// Only a cache: it may be deleted at any time, a failure to read or write it is none, and nothing in it is believed that
/// does not fit the log. Safe to use from any thread.
public final class SnapshotFile: Sendable {
  /// After how many events a state is worth keeping.
  public static let stride: Int64 = 256

  private let queue: DatabaseQueue

  /// Opens the file at `path`, or begins it anew when it cannot be used; nil when there cannot be one.
  public init?(path: String) {
    if let queue = try? Self.open(path) {
      self.queue = queue
      return
    }
    for suffix in ["", "-journal", "-wal", "-shm"] {
      try? FileManager.default.removeItem(atPath: path + suffix)
    }
    guard let queue = try? Self.open(path) else { return nil }
    self.queue = queue
  }

  private static func open(_ path: String) throws -> DatabaseQueue {
    var configuration = Configuration()
    configuration.prepareDatabase { database in try database.execute(sql: "PRAGMA synchronous = OFF") }
    let queue = try DatabaseQueue(path: path, configuration: configuration)
    try queue.write { database in
      try database.execute(
        sql: """
          CREATE TABLE IF NOT EXISTS snapshot (
            owner TEXT NOT NULL, fold TEXT NOT NULL, key BLOB NOT NULL, version INTEGER NOT NULL, event BLOB NOT NULL,
            state BLOB NOT NULL, checksum BLOB NOT NULL, PRIMARY KEY (owner, key)
          ) WITHOUT ROWID, STRICT;
          """
      )
    }
    return queue
  }

  /// The kept state of a stream that is not newer than asked for; nil when there is none, or it does not fit the log.
  func state(
    of stream: StreamName,
    _ aggregate: Aggregate,
    notAfter moment: StateReader.Moment,
    in log: any LogReading
  ) -> AggregateState? {
    guard let row = try? queue.read({ try Self.row(of: stream, aggregate, $0) }) else { return nil }
    let version: Int64 = row[0]
    if case .version(let wanted) = moment, version > wanted { return nil }
    let (event, content, checksum): (Data, Data, Data) = (row[1], row[2], row[3])
    guard version > 0, Self.checksum(version, event, content) == checksum,
      let page = try? log.events(of: stream, after: version - 1, limit: 1), let entry = page.entries.first,
      Self.hash(page) == event, let value = try? JSONValue(json: [UInt8](content))
    else { return nil }
    if case .position(let last) = moment, entry.position > last { return nil }
    return AggregateState(value: value, version: version, position: entry.position)
  }

  private static func row(of stream: StreamName, _ aggregate: Aggregate, _ database: Database) throws -> Row?
  {
    try Row.fetchOne(
      database,
      sql: "SELECT version, event, state, checksum FROM snapshot WHERE owner = ? AND key = ? AND fold = ?",
      arguments: [stream.owner, Data(stream.key), aggregate.foldHash]
    )
  }

  /// Keeps a state in place of an older one.
  func keep(_ state: AggregateState, of stream: StreamName, _ aggregate: Aggregate, in log: any LogReading) {
    guard let page = try? log.events(of: stream, after: state.version - 1, limit: 1), !page.entries.isEmpty
    else { return }
    var content: [UInt8] = []
    state.value.appendJSON(to: &content)
    let event = Self.hash(page)
    let checksum = Self.checksum(state.version, event, Data(content))
    try? queue.write { database in
      try database.execute(
        sql: """
          INSERT OR REPLACE INTO snapshot (owner, key, fold, version, event, state, checksum)
          VALUES (?, ?, ?, ?, ?, ?, ?)
          """,
        arguments: [
          stream.owner, Data(stream.key), aggregate.foldHash, state.version, event, Data(content), checksum,
        ]
      )
    }
  }

  /// What the first event of a page is known by.
  private static func hash(_ page: EventPage) -> Data {
    Data(SHA256.hash(data: Data(page.json(0))).prefix(16))
  }

  private static func checksum(_ version: Int64, _ event: Data, _ state: Data) -> Data {
    var hash = SHA256()
    withUnsafeBytes(of: version.littleEndian) { hash.update(bufferPointer: $0) }
    hash.update(data: event)
    hash.update(data: state)
    return Data(hash.finalize().prefix(16))
  }
}
