// SPDX-License-Identifier: Apache-2.0

import EarshotHost
import EventModel
import Foundation
import Testing

/// What hosts that are killed have to do.
enum CrashLoad {
  static let rules = """
    listeners:
      file: { concurrency: 16, with: { roots: ["ROOT"] } }
    rules:
      note:
        trigger: { type: load }
        on_uncertain: retry
        actions:
          - uses: file.append
            with: { path: "ROOT/ledger", content: "${{ event.id }}\\n" }
            retry: { attempts: 50, initial: 1ms, jitter: 0 }
          - emit: { type: load.done, subject: "${{ event.id }}" }
      once:
        trigger: { type: load }
        actions: { uses: file.append, with: { path: "ROOT/once", content: "${{ event.id }}\\n" } }
      gather:
        trigger: { type: load }
        collect: { within: 20ms, max: 7, by: event.id.endsWith('3') }
        actions: { emit: { type: load.gathered, data: "${{ events.map(e, e.id) }}" } }
      queue:
        trigger: { type: load, match: { id: [ { suffix: "3" } ] } }
        mode: queued
        actions: { emit: { type: load.queued, data: ["${{ event.id }}"] } }
    views:
      loads:
        key: event.id
        columns: { n: integer, endings: integer }
        indexes: [n]
        events:
          load: { increment: { n: 1 } }
          load.done: { key: event.subject, increment: { endings: 1 } }
      loads_by_end:
        key: event.id.substring(size(event.id) - 1)
        columns: { n: integer, positions: json }
        events: { load: { increment: { n: 1 }, append: { positions: int(event.sequence) } } }
    """

  /// Returns when no run and no window is open.
  static func waitUntilNothingIsOpen(
    _ bench: HostBench,
    meanwhile: () async throws -> Void = {}
  ) async throws {
    // Between two questions a window may have become a run.
    var quiet = 0
    while quiet < 2 {
      try await meanwhile()
      let states = "queued,behind,pending,running,waiting"
      var open = try await bench.client.query(["runs"], [("state", states), ("limit", "1")])
      if open == [] { open = try await bench.client.query(["pending"], [("limit", "1")]) }
      quiet = open == [] ? quiet + 1 : 0
    }
  }
}

/// Sends events as fast as they are taken, and remembers which were acknowledged.
struct LoadProducer: Sendable {
  let path: String
  let round: Int
  /// How many events it sends at most, before it only waits for the host's end.
  var most = Int.max

  /// Calls `kill` after some acknowledgements, goes on until the host is gone and gives the ids of all that were
  /// acknowledged.
  func run(until count: Int = .max, _ kill: @escaping @Sendable () -> Void = {}) async -> [String] {
    await withCheckedContinuation { continuation in
      // It blocks, so it must hold no thread that those need who kill the host.
      Thread.detachNewThread { continuation.resume(returning: send(until: count, kill)) }
    }
  }

  private func send(until count: Int, _ kill: @Sendable () -> Void) -> [String] {
    guard let socket = try? EventSocket(path) else { return [] }
    var acknowledged: [String] = []
    var sent = 0
    var ids: [String] = []
    while true {
      while ids.count < min(acknowledged.count + 20, most) {
        let id = "\(round)-\(sent)"
        sent += 1
        guard socket.send(#"{"type":"load","id":"\#(id)","source":"load"}"# + "\n") else {
          return acknowledged
        }
        ids.append(id)
      }
      guard let answer = socket.answer() else { return acknowledged }
      guard answer.hasPrefix(#"{"position""#) else { continue }
      acknowledged.append(ids[acknowledged.count])
      if acknowledged.count == count { kill() }
    }
  }
}
