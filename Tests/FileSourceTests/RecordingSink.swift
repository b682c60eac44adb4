// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import EventSources
import Foundation
import Synchronization

/// Passes batches to a log and lets a test await what they hold.
final class RecordingSink: EventSink {
  private struct State {
    var lines: [String] = []
    var waiting: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
    var sentinel: (name: String, continuation: CheckedContinuation<Void, Never>)?
  }

  private let log: InMemoryLog
  private let base: String
  private let gate: Gate
  private let state = Mutex(State())

  init(log: InMemoryLog, base: String, gate: Gate) {
    self.log = log
    self.base = base
    self.gate = gate
  }

  func append(
    _ batch: SourceBatch,
    completion: @escaping @Sendable (Result<[AppendOutcome], any Error>) -> Void
  ) {
    let lines = batch.events.entries.indices.map { line(Array(batch.events.json($0))) }
    log.submit(LogChange(events: batch.events, source: "inbox", checkpoint: batch.checkpoint)) { result in
      self.note(lines)
      self.gate.pass { completion(result.map(\.outcomes).mapError { $0 as any Error }) }
    }
  }

  /// All events so far, as `modified a/b`, `moved c from a`, with ` dir` and ` recovered` where they say so.
  var lines: [String] { state.withLock(\.lines) }

  /// The events up to and without those about a file that is made now, in the folder `folder`.
  ///
  /// What is marked is looked at in order, so everything that happened before is among them.
  func linesUntilNow(_ folder: String? = nil) async -> [String] {
    let name = "sentinel-\(UUID().uuidString)"
    await withCheckedContinuation { continuation in
      state.withLock { $0.sentinel = (name, continuation) }
      let file = fopen("\(folder ?? base)/\(name)", "w")
      if let file { fclose(file) }
    }
    return lines.filter { !$0.contains("sentinel-") }
  }

  /// The events, once there are so many.
  func lines(count: Int) async -> [String] {
    await withCheckedContinuation { continuation in
      let isThere = state.withLock { state in
        if state.lines.count < count { state.waiting.append((count, continuation)) }
        return state.lines.count >= count
      }
      if isThere { continuation.resume() }
    }
    return lines
  }

  private func note(_ lines: [String]) {
    let due = state.withLock { state -> [CheckedContinuation<Void, Never>] in
      state.lines += lines
      var due = state.waiting.filter { $0.count <= state.lines.count }.map(\.continuation)
      state.waiting.removeAll { $0.count <= state.lines.count }
      if let sentinel = state.sentinel, lines.contains(where: { $0.contains(sentinel.name) }) {
        due.append(sentinel.continuation)
        state.sentinel = nil
      }
      return due
    }
    for continuation in due { continuation.resume() }
  }

  private func line(_ json: [UInt8]) -> String {
    guard let event = try? CloudEvent(canonical: json), case .json(let data)? = event.data else { return "?" }
    func short(_ path: String?) -> String {
      guard let path else { return "?" }
      return path.hasPrefix(base + "/") ? String(path.dropFirst(base.count + 1)) : path
    }
    var line = "\(event.type.dropFirst(5)) \(short(data["path"]?.string))"
    if let from = data["from"]?.string { line += " from \(short(from))" }
    if data["is_dir"] == true { line += " dir" }
    if data["recovered"] == true { line += " recovered" }
    return line
  }
}
