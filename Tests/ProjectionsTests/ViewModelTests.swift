// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import Foundation
import Rules
import Testing

@testable import Projections

/// Views on random streams of events, against a model that is written down in plain dictionaries.
///
/// Transactions end at random places, hosts end without a word, databases vanish, definitions change and views are built anew
/// on the way; in the end a view is what the model says, and what one is that was never disturbed.
/// `EARSHOT_VIEW_STREAMS` says how many streams; the seeds are the numbers from 1 on.
@Suite struct ViewModelTests {
  private static let rounds =
    ProcessInfo.processInfo.environment["EARSHOT_VIEW_STREAMS"].flatMap { UInt64($0) } ?? 40

  /// Something that happens in a stream.
  private struct Deed {
    let type: String
    let key: String
    let number: Int?
    let data: JSONValue

    init(_ random: inout SeededRandom) {
      type = ["put", "add", "add", "drop", "note", "note", "other"].randomElement(using: &random) ?? ""
      key = ["a", "b", "c", "d/e", ""].randomElement(using: &random) ?? ""
      // One in ten cannot be folded.
      number = Int.random(in: 0..<10, using: &random) == 0 ? nil : Int.random(in: -5...100, using: &random)
      data = ["k": .string(key), "n": number.map { .number("\($0)") } ?? "none"]
    }
  }

  /// The definitions between which the view changes: the second one counts twice as much and keeps other notes.
  private static func view(_ variant: Int) throws -> ViewDefinition {
    try ViewText.view(
      """
      views:
        v:
          key: event.data.k
          columns: { value: integer, sum: integer, notes: json, last: text }
          indexes: [sum, [last, value]]
          events:
            put: { set: { value: event.data.n, last: event.type } }
            add: { increment: { sum: event.data.n * \(variant).0 }, condition: event.data.k != '' }
            drop: { delete: true }
            note:
              - { append: { notes: event.data.n }, condition: has(row.key) }
              - { key: "'all'", set: { last: event.data.k, value: "\(variant == 1 ? "int(event.data.n)" : "-int(event.data.n)")" } }
      """
    )
  }

  /// A row of the model.
  private struct Row {
    var value: Int?
    var sum: Int?
    var notes: [Int?]?
    var last: String?

    func json(_ key: String) -> String {
      let number = { (number: Int?) -> JSONValue in number.map { .number("\($0)") } ?? .null }
      let row: JSONValue = [
        "key": .string(key), "value": number(value), "sum": number(sum),
        "notes": notes.map { .array($0.map { $0.map { .number("\($0)") } ?? "none" }) } ?? .null,
        "last": last.map { .string($0) } ?? .null,
      ]
      return row.json
    }
  }

  /// What the definition says, in other words.
  private static func model(_ deeds: [Deed], _ variant: Int) -> [String] {
    var rows: [String: Row] = [:]
    for deed in deeds {
      switch (deed.type, deed.number) {
      case ("put", let number?):
        rows[deed.key, default: Row()].value = number
        rows[deed.key]?.last = "put"
      case ("add", let number?) where deed.key != "":
        let sum = rows[deed.key]?.sum ?? 0
        rows[deed.key, default: Row()].sum = sum + number * variant
      case ("drop", _): rows[deed.key] = nil
      case ("note", let number?):
        // Without a number the second entry cannot be folded, so the first one does nothing either.
        if let notes = rows[deed.key].map({ $0.notes ?? [] }) { rows[deed.key]?.notes = notes + [number] }
        rows["all", default: Row()].last = deed.key
        rows["all"]?.value = variant == 1 ? number : -number
      default: break
      }
    }
    return rows.keys.sorted().map { rows[$0]?.json($0) ?? "" }
  }

  @Test func `is what the model says, whatever happens on the way`() async throws {
    for seed in 1...Self.rounds { try await check(seed) }
    print("view streams \(Self.rounds) of random events")
  }

  private func check(_ seed: UInt64) async throws {
    var random = SeededRandom(seed: seed)
    let bench = try ViewBench()
    defer { bench.remove() }
    let batch = ViewWorker.Batch(
      events: Int.random(in: 1...7, using: &random),
      pages: Int.random(in: 1...3, using: &random),
      rows: Int.random(in: 1...5, using: &random)
    )
    var deeds: [Deed] = []
    var variant = 1
    var worker = try bench.worker([try Self.view(variant)], batch: batch)
    for _ in 0..<Int.random(in: 10...60, using: &random) {
      for _ in 0..<Int.random(in: 0...6, using: &random) {
        let deed = Deed(&random)
        deeds.append(deed)
        try await bench.append(deed.type, deed.data)
      }
      switch Int.random(in: 0..<12, using: &random) {
      case 0:
        // The host ends without a word: what is in memory is gone.
        worker = try bench.worker([try Self.view(variant)], batch: batch)
      case 1:
        variant = 3 - variant
        try worker.use([try Self.view(variant)])
      case 2: #expect(try worker.rebuild("v"))
      case 3:
        ViewDatabase.remove(bench.path)
        worker = try bench.worker([try Self.view(variant)], batch: batch)
      case 4: try worker.finish()
      default: _ = try worker.advance()
      }
    }
    while try worker.advance() {}
    try worker.finish()
    let followed = try bench.rows("v")
    let expected = Self.model(deeds, variant)
    let status = try #require(try bench.reader.statuses().first)
    #expect(followed == expected, "seed \(seed)")
    #expect(status.rows == Int64(expected.count) && status.state == .following, "seed \(seed)")
    #expect(status.errors == deeds.count { $0.number == nil && Self.isRefused($0) }, "seed \(seed)")
    #expect(status.position == LogPosition(rawValue: Int64(deeds.count)), "seed \(seed)")
    #expect(try worker.rebuild("v"))
    while try worker.advance() {}
    #expect(try bench.rows("v") == followed, "seed \(seed)")
    try checkPast(deeds, variant, bench, &random, seed)
  }

  /// Compares what the view was at some position with what the model says of the events up to there.
  private func checkPast(
    _ deeds: [Deed],
    _ variant: Int,
    _ bench: ViewBench,
    _ random: inout SeededRandom,
    _ seed: UInt64
  ) throws {
    let count = Int.random(in: 0...deeds.count, using: &random)
    let past = PastView(try Self.view(variant), log: bench.log)
    let position = LogPosition(rawValue: Int64(count))
    let expected = Self.model(Array(deeds.prefix(count)), variant)
    #expect(try past.answer(at: position, limit: 1000).rows.map(\.json) == expected, "seed \(seed)")
    for key in ["a", "d/e", "", "all", "nobody"] {
      let row = expected.filter { $0.hasPrefix(#"{"key":"\#(key)","#) }
      #expect(try past.answer(at: position, key: key, limit: 1).rows.map(\.json) == row, "seed \(seed)")
    }
  }

  /// Whether an event without a number cannot be folded.
  private static func isRefused(_ deed: Deed) -> Bool {
    switch deed.type {
    case "put", "note": true
    case "add": deed.key != ""
    default: false
    }
  }
}
