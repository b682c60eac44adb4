// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import GRDB

/// The statements that read and write windows and decisions inside a transaction.
///
/// Belongs to the writer thread.
final class WindowWriter {
  private let find: PreparedStatement
  private let byID: PreparedStatement
  private let due: PreparedStatement
  private let ofOwner: PreparedStatement
  private let insert: PreparedStatement
  private let setContent: PreparedStatement
  private let setAll: PreparedStatement
  private let delete: PreparedStatement
  private let insertDecision: PreparedStatement
  private let events: EventRow
  private var names: RunRow

  init(_ database: Database) throws {
    func query(_ clause: String) throws -> PreparedStatement {
      try PreparedStatement(database, "SELECT id, owner, key, due, content FROM window WHERE \(clause)")
    }
    find = try query("owner = ?1 AND key = ?2")
    byID = try query("id = ?1")
    due = try query("due <= ?1 ORDER BY due, id LIMIT ?2")
    ofOwner = try query("owner = ?1 LIMIT ?2")
    insert = try PreparedStatement(
      database,
      "INSERT INTO window (id, owner, due, key, content, oldest) VALUES (?, ?, ?, ?, ?, ?)"
    )
    setContent = try PreparedStatement(database, "UPDATE window SET content = ?2, oldest = ?4 WHERE id = ?1")
    setAll = try PreparedStatement(
      database,
      "UPDATE window SET content = ?2, due = ?3, oldest = ?4 WHERE id = ?1"
    )
    delete = try PreparedStatement(database, "DELETE FROM window WHERE id = ?1")
    insertDecision = try PreparedStatement(
      database,
      "INSERT OR IGNORE INTO decision (position, rule, kind, run) VALUES (?, ?, ?, ?)"
    )
    events = try EventRow(database)
    names = try RunRow(database)
  }

  /// The window of an owner for a key.
  func window(owner: Int64, key: [UInt8]) throws -> StoredWindow? {
    find.bind(1, owner)
    return try key.withUnsafeBytes { key in
      find.bind(2, key)
      return try all(find).first
    }
  }

  /// The windows that a wish is about; `owner` gives the id of a name.
  func windows(for wish: WindowWish, at now: Timestamp, owner: (String) throws -> Int64) throws
    -> [StoredWindow]
  {
    switch wish {
    case .closeDue(let limit):
      due.bind(1, now.microseconds)
      due.bind(2, Int64(limit))
      return try all(due)
    case .open: return []
    case .fire(let id), .extend(let id, _), .cancel(let id), .advance(let id, _):
      byID.bind(1, id)
      return try all(byID)
    case .review(let name): return try windows(of: owner(name), limit: .max)
    case .forget(let name, let limit): return try windows(of: owner(name), limit: limit)
    }
  }

  /// Windows of an owner, at most so many.
  func windows(of owner: Int64, limit: Int) throws -> [StoredWindow] {
    ofOwner.bind(1, owner)
    ofOwner.bind(2, Int64(limit))
    return try all(ofOwner)
  }

  /// Stores a new window.
  func insert(
    _ id: Int64,
    owner: Int64,
    key: [UInt8],
    due: Timestamp,
    content: [UInt8],
    oldest: LogPosition?
  ) throws {
    if let oldest { insert.bind(6, oldest.rawValue) } else { insert.bindNull(6) }
    insert.bind(1, id)
    insert.bind(2, owner)
    insert.bind(3, due.microseconds)
    try insert.run([(4, key), (5, content)])
  }

  /// Changes a window; when it is due only if asked to, since that moves it in an index.
  func update(_ id: Int64, due: Timestamp?, content: [UInt8], oldest: LogPosition?) throws {
    let statement = due == nil ? setContent : setAll
    if let oldest { statement.bind(4, oldest.rawValue) } else { statement.bindNull(4) }
    statement.bind(1, id)
    if let due { statement.bind(3, due.microseconds) }
    try statement.run([(2, content)])
  }

  /// Removes a window.
  func remove(_ id: Int64) throws {
    delete.bind(1, id)
    try delete.run()
  }

  /// Notes what became of an event.
  func note(_ decision: Decision, rule: Int64) throws {
    insertDecision.bind(1, decision.position.rawValue)
    insertDecision.bind(2, rule)
    insertDecision.bind(3, Int64(decision.kind.rawValue))
    insertDecision.bind(4, decision.run?.rawValue ?? 0)
    try insertDecision.run()
  }

  /// Events of the log from a position on.
  func events(from position: LogPosition, limit: Int) throws -> EventPage {
    try events.page(from: position, limit: limit)
  }

  /// Events of a type from a position on.
  func events(ofType type: String, from position: LogPosition, limit: Int) throws -> EventPage {
    try events.page(ofType: type, from: position, limit: limit)
  }

  /// An event of the log.
  func event(at position: LogPosition) throws -> [UInt8] {
    guard let event = try events.event(at: position) else {
      throw LogFailure(.corrupt, "there is no event at position \(position)")
    }
    return event
  }

  /// Forgets what may be no more after a rollback.
  func forget() { names.forget() }

  private func all(_ rows: PreparedStatement) throws -> [StoredWindow] {
    var found: [StoredWindow] = []
    while try rows.step() {
      found.append(
        StoredWindow(
          id: rows.integer(0),
          owner: try names.name(rows.integer(1)),
          key: [UInt8](rows.bytes(2)),
          due: Timestamp(microseconds: rows.integer(3)),
          content: [UInt8](rows.bytes(4))
        )
      )
    }
    return found
  }
}
