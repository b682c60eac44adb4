// SPDX-License-Identifier: Apache-2.0

import DurableLog
import GRDB

/// The runs that have begun and have no row of their own, as the writer knows them.
///
/// Belongs to the writer thread.
final class BegunRuns {
  /// What began in one transaction.
  private struct Batch {
    /// The number of its first run, which is its key in the table.
    let first: Int64
    var runs: [BegunRun]
    /// How many have no row yet.
    var open: Int
  }

  /// How many batches there are at most: whoever looks for a run may have to read them all.
  private static let limit = 64

  /// Ascending.
  private var batches: [Batch] = []
  /// Those of the transaction under way.
  private var new: [BegunRun] = []
  private var hasEnded = false
  private let insert: PreparedStatement
  private let delete: PreparedStatement

  init(_ database: Database) throws {
    insert = try PreparedStatement(database, "INSERT INTO begun (first, runs) VALUES (?, ?)")
    delete = try PreparedStatement(database, "DELETE FROM begun WHERE first = ?")
    try read(database)
  }

  /// Learns what the table holds; also after a rollback.
  func read(_ database: Database) throws {
    new = []
    batches = try Self.batches(database).map { Batch(first: $0.first, runs: $0.runs, open: $0.runs.count) }
    hasEnded = false
  }

  /// The batches of the table, without the runs that have rows.
  static func batches(_ database: Database) throws -> [(first: Int64, runs: [BegunRun])] {
    let rows = try PreparedStatement(database, "SELECT first, runs FROM begun ORDER BY first")
    let row = try PreparedStatement(database, "SELECT id FROM run WHERE id = ?")
    var found: [(first: Int64, runs: [BegunRun])] = []
    while try rows.step() {
      let runs = try BegunCoding.runs(rows.bytes(1)).filter { run in
        row.bind(1, run.id)
        return try row.integer() == nil
      }
      found.append((rows.integer(0), runs))
    }
    return found
  }

  /// Whether a run is one of these.
  func contains(_ id: Int64) -> Bool { place(of: id) != nil }

  /// Notes a run that begins with the transaction under way.
  func note(_ run: BegunRun) { new.append(run) }

  /// Takes a run out, which is given a row in the same transaction.
  func take(_ id: Int64) -> BegunRun? {
    guard let (batch, index) = place(of: id) else { return nil }
    guard let batch else { return new.remove(at: index) }
    let run = batches[batch].runs[index]
    batches[batch].runs[index].rule = 0
    batches[batch].open -= 1
    if batches[batch].open == 0 { hasEnded = true }
    return run
  }

  /// The place of a run that is still here; no batch means that it is new.
  private func place(of id: Int64) -> (batch: Int?, index: Int)? {
    if let first = new.first, id >= first.id {
      let index = Self.index(new, notBefore: id, \.id)
      return index < new.count && new[index].id == id ? (nil, index) : nil
    }
    let batch = Self.index(batches, notBefore: id + 1, \.first) - 1
    guard batch >= 0 else { return nil }
    let index = Self.index(batches[batch].runs, notBefore: id, \.id)
    guard index < batches[batch].runs.count else { return nil }
    let run = batches[batch].runs[index]
    return run.id == id && run.rule != 0 ? (batch, index) : nil
  }

  /// The index of the first element whose number is not less.
  private static func index<Element>(
    _ elements: [Element],
    notBefore number: Int64,
    _ key: (Element) -> Int64
  ) -> Int {
    var (low, high) = (0, elements.count)
    while low < high {
      let middle = (low + high) / 2
      if key(elements[middle]) < number { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// Writes what has changed, once in each transaction; `keep` gives runs rows that have been here for long.
  func write(_ keep: (BegunRun) throws -> Void) throws {
    if batches.count >= Self.limit, !new.isEmpty { try relieve(keep) }
    if hasEnded {
      for batch in batches where batch.open == 0 { try remove(batch.first) }
      batches.removeAll { $0.open == 0 }
      hasEnded = false
    }
    guard let first = new.first else { return }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(new.count * 8)
    BegunCoding.append(new, to: &bytes)
    try bytes.withUnsafeBytes { bytes in
      insert.bind(1, first.id)
      insert.bind(2, bytes)
      try insert.run()
    }
    batches.append(Batch(first: first.id, runs: new, open: new.count))
    new = []
  }

  /// Gives all runs of events before a position rows of their own: what is forgotten of them must not be taken for begun.
  func settle(before position: Int64, _ keep: (BegunRun) throws -> Void) throws {
    while let run = batches.first?.runs.first, run.position < position { try relieve(keep) }
  }

  /// Gives all runs of the oldest batch rows of their own.
  private func relieve(_ keep: (BegunRun) throws -> Void) throws {
    let batch = batches.removeFirst()
    for run in batch.runs where run.rule != 0 { try keep(run) }
    try remove(batch.first)
  }

  private func remove(_ first: Int64) throws {
    delete.bind(1, first)
    try delete.run()
  }
}
