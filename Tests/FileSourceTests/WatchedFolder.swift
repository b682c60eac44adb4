// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import EventSources
import Foundation
import Synchronization
import Testing

@testable import FileSource

/// A temporary folder with a file source that watches it, and all that the source says.
final class WatchedFolder: Sendable {
  let path: String
  let log = InMemoryLog(clock: SystemClock())
  let reports = Mutex<[String]>([])
  private let options: JSONValue
  private let watchLimit: Int

  init(options: [JSONValue.Member] = [], below: String = "", watchLimit: Int = .max) throws {
    path = FileManager.default.temporaryDirectory.path + "/earshot-files-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    let root = JSONValue.string(path + below)
    let given = options.contains { $0.key == "paths" } ? [] : [JSONValue.Member("paths", .array([root]))]
    self.options = .object(given + options)
    self.watchLimit = watchLimit
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Runs the source while `body` changes files; returns when `body` does.
  func watch(gate: Gate = Gate(), _ body: (RecordingSink) async throws -> Void) async throws {
    let plan = try FileOptions.plan(options).get()
    let source = FileEvents(plan, watchLimit: watchLimit) { text in self.reports.withLock { $0.append(text) }
    }
    let sink = RecordingSink(log: log, base: path, gate: gate)
    try await withThrowingTaskGroup(of: Void.self) { group in
      let ready = Signal()
      let context = SourceContext(
        name: "inbox",
        sink: sink,
        checkpoint: log.checkpoint(of: "inbox"),
        clock: SystemClock(),
        ready: { ready.fire() }
      )
      group.addTask {
        defer { ready.fire() }
        try await source.run(context)
      }
      await ready.wait()
      try await body(sink)
      group.cancelAll()
      try await group.waitForAll()
    }
  }

  func write(_ name: String, _ text: String = "text") throws {
    let file = try #require(fopen("\(path)/\(name)", "w"))
    fputs(text, file)
    fclose(file)
  }

  func rename(_ from: String, _ to: String) throws {
    try #require(Glibc.rename("\(path)/\(from)", "\(path)/\(to)") == 0)
  }

  func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: "\(path)/\(name)") }

  func makeFolder(_ name: String) throws {
    try FileManager.default.createDirectory(atPath: "\(path)/\(name)", withIntermediateDirectories: true)
  }

  /// Runs a shell script in the folder.
  func shell(_ script: String) throws {
    try #require(system("cd '\(path)' && { \(script)\n}") == 0)
  }
}

/// Lets a test hold back the log's answers.
final class Gate: Sendable {
  private let state = Mutex((isShut: false, waiting: [@Sendable () -> Void]()))

  func shut() { state.withLock { $0.isShut = true } }

  func open() {
    let waiting = state.withLock { state in
      defer { state = (false, []) }
      return state.waiting
    }
    for answer in waiting { answer() }
  }

  func pass(_ answer: @escaping @Sendable () -> Void) {
    let isHeld = state.withLock { state in
      if state.isShut { state.waiting.append(answer) }
      return state.isShut
    }
    if !isHeld { answer() }
  }
}

/// Something that happens once and can be awaited.
final class Signal: Sendable {
  private let state = Mutex((isFired: false, waiting: [CheckedContinuation<Void, Never>]()))

  func fire() {
    let waiting = state.withLock { state in
      defer { state = (true, []) }
      return state.waiting
    }
    for continuation in waiting { continuation.resume() }
  }

  func wait() async {
    await withCheckedContinuation { continuation in
      let isFired = state.withLock { state in
        if !state.isFired { state.waiting.append(continuation) }
        return state.isFired
      }
      if isFired { continuation.resume() }
    }
  }
}
