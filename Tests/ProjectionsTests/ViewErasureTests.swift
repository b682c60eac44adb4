// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import EventSources
import Foundation
import LogConformance
import Rules
import Testing

@testable import Projections

/// What was erased from the log is gone from the views that were made of it, and from their database.
@Suite struct ViewErasureTests {
  private static func views(_ policy: String = "skip") throws -> [ViewDefinition] {
    try ViewText.views(
      """
      views:
        people:
          key: event.data.who
          columns: { note: text }
          indexes: [note]
          on_error: \(policy)
          events: { told: { set: { note: event.data.note } } }
        counts:
          key: event.type
          columns: { n: integer }
          events: { counted: { increment: { n: 1 } } }
      """
    )
  }

  /// A log whose first event has made way for a tombstone, as an erasure leaves it.
  private static func erased(_ bench: ViewBench, _ events: [(String, JSONValue)]) async throws -> ViewBench {
    let other = ViewBench(at: bench.folder, startingAt: Timestamp(seconds: 1_000_000_000))
    var intake = EventIntake(defaultSource: "shop", clock: VirtualClock())
    var batch = EventBatch()
    var tombstone = CloudEvent(type: events[0].0)
    tombstone.extensions.append(.init("erased", true))
    try intake.append(tombstone, to: &batch)
    try await other.log.submit(LogChange(events: batch))
    for (type, data) in events.dropFirst() { try await other.append(type, data) }
    try await other.append(ErasureNotice.type, ["events": 1, "ranges": [[1, 1]], "reason": "asked"])
    return other
  }

  @Test(arguments: ["skip", "stop"])
  func `nothing of what was erased is left, and the other view is left alone`(policy: String) async throws {
    let secret = "a-secret-of-ada"
    let events: [(String, JSONValue)] = [
      ("told", ["who": "ada", "note": .string(secret)]), ("told", ["who": "bob", "note": "hello"]),
      ("counted", [:]),
    ]
    let bench = try ViewBench()
    defer { bench.remove() }
    for (type, data) in events { try await bench.append(type, data) }
    let first = try bench.worker(try Self.views(policy))
    while try first.advance() {}
    try first.finish()
    #expect(try Data(contentsOf: URL(filePath: bench.path)).range(of: Data(secret.utf8)) != nil)

    let other = try await Self.erased(bench, events)
    let worker = try other.worker(try Self.views(policy))
    while try worker.advance() {}
    #expect(try other.rows("people") == [#"{"key":"bob","note":"hello"}"#])
    #expect(try other.rows("counts") == [#"{"key":"counted","n":1}"#])
    let states = worker.statuses.sorted { $0.name < $1.name }
    #expect(states.map(\.errors) == [0, 0] && states.map(\.state) == [.following, .following])
    #expect(other.lines.contains("the view 'people' is built anew: events were erased from the log"))
    #expect(!other.lines.contains { $0.contains("'counts' is built anew") })
    for suffix in ["", "-wal"] {
      let left = (try? Data(contentsOf: URL(filePath: bench.path + suffix))) ?? Data()
      #expect(left.range(of: Data(secret.utf8)) == nil, "views.sqlite\(suffix)")
    }
    // It is heeded once.
    let count = other.lines.count
    let again = try other.worker(try Self.views(policy))
    while try again.advance() {}
    #expect(other.lines.count == count)
  }

  @Test func `what was begun before an erasure goes on from the beginning, after a restart too`() async throws
  {
    let events: [(String, JSONValue)] = [
      ("told", ["who": "ada", "note": "x"]), ("told", ["who": "bob", "note": "hello"]),
    ]
    let bench = try ViewBench()
    defer { bench.remove() }
    for (type, data) in events { try await bench.append(type, data) }
    let small = ViewWorker.Batch(events: 1, pages: 1, rows: 1)
    let first = try bench.worker(try Self.views(), batch: small)
    while try first.advance() {}
    #expect(try first.rebuild("people"))
    _ = try first.advance()
    let other = try await Self.erased(bench, events)
    let second = try other.worker(try Self.views(), batch: small)
    _ = try second.advance()
    let third = try other.worker(try Self.views(), batch: small)
    while try third.advance() {}
    #expect(try other.rows("people") == [#"{"key":"bob","note":"hello"}"#])
    #expect(third.statuses.allSatisfy { $0.state == .following })
  }

  @Test func `a notice that is not understood stands for all events`() async throws {
    let bench = try ViewBench()
    defer { bench.remove() }
    try await bench.append("told", ["who": "ada", "note": "x"])
    let worker = try bench.worker(try Self.views())
    while try worker.advance() {}
    try await bench.append(ErasureNotice.type, ["ranges": "some"])
    while try worker.advance() {}
    #expect(bench.lines.contains("the view 'people' is built anew: events were erased from the log"))
    #expect(try bench.rows("people") == [#"{"key":"ada","note":"x"}"#])
  }
}
