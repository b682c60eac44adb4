// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import GRDB

/// Reads runs from rows of SQLite's own interface.
///
/// Belongs to the thread of its connection.
struct RunRow {
  /// The columns, in the order in which they are read.
  static let columns = """
    run.id, run.position, run.state, run.step, run.attempts, run.due, run.failure, run.outputs, run.updated,
      run.rule, run.revision, run.listener, run.inputs, run.gate, run.turn, run.interruptions, run.owes, run.cancelled,
      run.parent, run.fork, run.place, run.open, run.needed
    """

  private let nameOf: PreparedStatement
  /// Names that have been met.
  private var names: [Int64: String] = [:]
  /// The names of the last run: the next one often has the same.
  private var last: (ids: NameIDs, names: RunNames)?

  init(_ database: Database, isCached: Bool = false) throws {
    nameOf = try PreparedStatement(database, "SELECT text FROM name WHERE id = ?", isCached: isCached)
  }

  /// The run of the present row, whose columns begin at `first`.
  mutating func run(_ row: PreparedStatement, from first: Int32 = 0) throws -> Run {
    guard let state = UInt8(exactly: row.integer(first + 2)).flatMap(RunState.init) else {
      throw LogFailure(.corrupt, "a run has an unknown state")
    }
    var run = Run(
      id: RunID(rawValue: row.integer(first)),
      position: LogPosition(rawValue: row.integer(first + 1)),
      names: try names(
        NameIDs(
          rule: row.integer(first + 9),
          revision: row.integer(first + 10),
          listener: row.integer(first + 11)
        )
      ),
      state: state,
      updated: Timestamp(microseconds: row.integer(first + 8))
    )
    run.step = Int(row.integer(first + 3))
    run.attempts = Int(row.integer(first + 4))
    if !row.isNull(first + 5) { run.due = Timestamp(microseconds: row.integer(first + 5)) }
    if !row.isNull(first + 6) { run.failure = String(decoding: row.bytes(first + 6), as: UTF8.self) }
    if !row.isNull(first + 7) { run.outputs = [UInt8](row.bytes(first + 7)) }
    run.interruptions = Int(row.integer(first + 15))
    if !row.isNull(first + 12) { run.inputs = PositionList.positions(row.bytes(first + 12)) }
    if !row.isNull(first + 13) { run.gate = [UInt8](row.bytes(first + 13)) }
    if !row.isNull(first + 14) { run.turn = [UInt8](row.bytes(first + 14)) }
    if row.integer(first + 16) != 0 { run.owes = true }
    if row.integer(first + 17) != 0 { run.isCancelled = true }
    run.branch = Self.branch(row, from: first + 18)
    if !row.isNull(first + 21) {
      run.join = BranchJoin(
        open: Int(row.integer(first + 21)),
        needed: row.isNull(first + 22) ? nil : Int(row.integer(first + 22))
      )
    }
    return run
  }

  private static func branch(_ row: PreparedStatement, from first: Int32) -> Branch? {
    guard !row.isNull(first) else { return nil }
    return Branch(
      of: RunID(rawValue: row.integer(first)),
      fork: Int(row.integer(first + 1)),
      place: Int(row.integer(first + 2))
    )
  }

  /// The names of ids.
  mutating func names(_ ids: NameIDs) throws -> RunNames {
    if let last, last.ids == ids { return last.names }
    let names = RunNames(
      rule: try name(ids.rule),
      revision: try name(ids.revision),
      listener: try name(ids.listener)
    )
    last = (ids, names)
    return names
  }

  /// The name of an id; at most so many are kept.
  mutating func name(_ id: Int64) throws -> String {
    if let known = names[id] { return known }
    nameOf.bind(1, id)
    guard try nameOf.step() else { throw LogFailure(.corrupt, "a stored name is missing") }
    let name = String(decoding: nameOf.bytes(0), as: UTF8.self)
    nameOf.reset()
    if names.count >= 1024 { names.removeAll() }
    names[id] = name
    return name
  }

  /// Forgets names: after a rollback an id may belong to no row.
  mutating func forget() {
    names.removeAll()
    last = nil
  }
}

/// The stored form of positions: each in eight bytes, little-endian.
enum PositionList {
  static func bytes(_ positions: [LogPosition]) -> [UInt8] {
    positions.flatMap { position in withUnsafeBytes(of: position.rawValue.littleEndian) { Array($0) } }
  }

  static func positions(_ bytes: UnsafeRawBufferPointer) -> [LogPosition] {
    stride(from: 0, to: bytes.count - 7, by: 8).map { start in
      LogPosition(rawValue: Int64(littleEndian: bytes.loadUnaligned(fromByteOffset: start, as: Int64.self)))
    }
  }
}
