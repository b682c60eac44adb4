// SPDX-License-Identifier: Apache-2.0

import DurableLog
import GRDB

/// The fresh runs as the writer knows them.
///
/// Belongs to the writer thread.
final class FreshRuns {
  /// What was made in one transaction.
  private struct Batch {
    /// The number of its first run, which is its key in the table.
    let first: Int64
    var entries: [Entry]
    /// How many have no row yet.
    var open: Int
  }

  private struct Entry {
    let run: FreshRun
    var hasRow = false
    /// The list that says that its attempt has begun; 0 when it began with its making, or has not begun.
    var list: Int64 = 0
    /// When that attempt began.
    var begun: Int64 = 0
  }

  /// How many runs and batches there are at most: whoever looks for a run may have to read them all.
  ///
  /// What is too much gets rows at once. It will be attempted last; what is here already, soon.
  private static let mostRuns = 100_000
  private static let mostBatches = 256

  /// Ascending.
  private var batches: [Batch] = []
  /// Those of the transaction under way.
  private var new: [Entry] = []
  private var attempted: [Int64] = []
  /// How many runs of each list of begun ones have no row yet.
  private var lists: [Int64: Int] = [:]
  private var lastList: Int64 = 0
  private var count = 0
  private var hasEnded = false
  private let insert: PreparedStatement
  private let delete: PreparedStatement
  private let insertList: PreparedStatement
  private let deleteList: PreparedStatement

  init(_ database: Database) throws {
    insert = try PreparedStatement(database, "INSERT INTO fresh (first, runs) VALUES (?, ?)")
    delete = try PreparedStatement(database, "DELETE FROM fresh WHERE first = ?")
    insertList = try PreparedStatement(database, "INSERT INTO attempted (number, runs) VALUES (?, ?)")
    deleteList = try PreparedStatement(database, "DELETE FROM attempted WHERE number = ?")
    try read(database)
  }

  /// Learns what the tables hold; also after a rollback.
  func read(_ database: Database) throws {
    let reader = try FreshReader(database)
    let lists = try reader.lists()
    var listOf: [Int64: (number: Int64, time: Int64)] = [:]
    for list in lists { for run in list.runs { listOf[run] = (list.number, list.time) } }
    self.lists = Dictionary(lists.map { ($0.number, 0) }) { first, _ in first }
    lastList = lists.last?.number ?? 0
    (batches, new, attempted, count, hasEnded) = ([], [], [], 0, false)
    for (first, runs) in try reader.batches() {
      let entries = runs.map { run in
        let list = listOf[run.id]
        return Entry(run: run, list: list?.number ?? 0, begun: list?.time ?? 0)
      }
      for entry in entries where entry.list != 0 { self.lists[entry.list, default: 0] += 1 }
      batches.append(Batch(first: first, entries: entries, open: entries.count))
      count += entries.count
    }
    hasEnded = batches.contains { $0.open == 0 } || self.lists.values.contains(0)
  }

  /// Whether another run may be fresh.
  var hasRoom: Bool { count + new.count < Self.mostRuns }

  /// Notes a run that is made in the transaction under way.
  func note(_ run: FreshRun) { new.append(Entry(run: run)) }

  /// Notes that the first attempt of a run begins; false when that is not so of a fresh run.
  func attempt(_ id: Int64, by listener: Int64, at time: Int64) -> Bool {
    guard let place = place(of: id), let batch = place.batch else { return false }
    let index = place.index
    let entry = batches[batch].entries[index]
    guard !entry.run.isRunning, entry.list == 0, entry.run.names.listener == listener else { return false }
    batches[batch].entries[index].list = lastList + 1
    batches[batch].entries[index].begun = time
    attempted.append(id)
    return true
  }

  /// Takes a run out, which is given a row in the same transaction.
  func take(_ id: Int64) -> FreshRun? {
    guard let (batch, index) = place(of: id) else { return nil }
    guard let batch else { return new.remove(at: index).run }
    return take(batch, index)
  }

  private func take(_ batch: Int, _ index: Int) -> FreshRun {
    let entry = batches[batch].entries[index]
    batches[batch].entries[index].hasRow = true
    batches[batch].open -= 1
    count -= 1
    var run = entry.run
    if entry.list != 0 {
      run.isRunning = true
      run.updated = entry.begun
      if entry.list <= lastList {
        lists[entry.list, default: 1] -= 1
        if lists[entry.list] == 0 { hasEnded = true }
      } else {
        attempted.removeAll { $0 == run.id }
      }
    }
    if batches[batch].open == 0 { hasEnded = true }
    return run
  }

  /// The place of a run that is still here; no batch means that it is new.
  private func place(of id: Int64) -> (batch: Int?, index: Int)? {
    if let first = new.first, id >= first.run.id {
      let index = Self.index(new, notBefore: id, \.run.id)
      return index < new.count && new[index].run.id == id ? (nil, index) : nil
    }
    let batch = Self.index(batches, notBefore: id + 1, \.first) - 1
    guard batch >= 0 else { return nil }
    // Most batches hold all runs that were made in a row.
    let distance = Int(id - batches[batch].first)
    let isThere =
      distance < batches[batch].entries.count && batches[batch].entries[distance].run.id == id
    let index = isThere ? distance : Self.index(batches[batch].entries, notBefore: id, \.run.id)
    guard index < batches[batch].entries.count else { return nil }
    let entry = batches[batch].entries[index]
    return entry.run.id == id && !entry.hasRow ? (batch, index) : nil
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
  func write(at time: Int64, _ keep: (FreshRun) throws -> Void) throws {
    while batches.count >= Self.mostBatches { try relieve(keep) }
    try writeList(at: time)
    if hasEnded { try removeEnded() }
    guard let first = new.first?.run.id else { return }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(new.count * 8)
    FreshCoding.append(new.map(\.run), to: &bytes)
    try run(insert, first, bytes)
    batches.append(Batch(first: first, entries: new, open: new.count))
    count += new.count
    new = []
  }

  private func writeList(at time: Int64) throws {
    guard !attempted.isEmpty else { return }
    var bytes: [UInt8] = []
    FreshCoding.append([time] + attempted, to: &bytes)
    lastList += 1
    try run(insertList, lastList, bytes)
    lists[lastList] = attempted.count
    attempted = []
  }

  private func run(_ statement: PreparedStatement, _ key: Int64, _ bytes: [UInt8]) throws {
    try bytes.withUnsafeBytes { bytes in
      statement.bind(1, key)
      statement.bind(2, bytes)
      try statement.run()
    }
  }

  private func removeEnded() throws {
    for batch in batches where batch.open == 0 { try remove(batch.first, by: delete) }
    batches.removeAll { $0.open == 0 }
    for (number, open) in lists where open == 0 {
      try remove(number, by: deleteList)
      lists[number] = nil
    }
    hasEnded = false
  }

  private func remove(_ key: Int64, by statement: PreparedStatement) throws {
    statement.bind(1, key)
    try statement.run()
  }

  /// Gives all runs of events before a position rows: what is forgotten of them must not be taken for fresh.
  func settle(before position: Int64, _ keep: (FreshRun) throws -> Void) throws {
    while let entry = batches.first?.entries.first, entry.run.position < position { try relieve(keep) }
  }

  /// Gives all runs of the oldest batch rows of their own.
  private func relieve(_ keep: (FreshRun) throws -> Void) throws {
    for index in batches[0].entries.indices where !batches[0].entries[index].hasRow {
      try keep(take(0, index))
    }
    try remove(batches.removeFirst().first, by: delete)
  }
}
