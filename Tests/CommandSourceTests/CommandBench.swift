// SPDX-License-Identifier: Apache-2.0

import CommandSource
import EventModel
import EventSources
import Foundation
import Processes
import Synchronization

/// Keeps what comes; says when there is enough of it; holds answers back until it is opened.
final class CollectingSink: EventSink {
  private struct State {
    var isOpen: Bool
    var events: [String] = []
    var batches = 0
    var waiting: [@Sendable () -> Void] = []
    var watcher: (count: Int, continuation: CheckedContinuation<Void, Never>)?
  }

  private struct Found {
    let isOpen: Bool
    var watcher: CheckedContinuation<Void, Never>?
  }

  private let state: Mutex<State>

  init(isOpen: Bool = true) { state = Mutex(State(isOpen: isOpen)) }

  /// Each event as its type and its data.
  var events: [String] { state.withLock { $0.events } }
  /// The number of batches that came.
  var batches: Int { state.withLock { $0.batches } }

  func append(
    _ batch: SourceBatch,
    completion: @escaping @Sendable (Result<[AppendOutcome], any Error>) -> Void
  ) {
    let events = batch.events
    let texts = (0..<events.count).map { index in
      let data = (try? JSONValue(json: Array(events.json(index))))?["data"]?.json ?? ""
      return events.type(index) + " " + data
    }
    let outcomes = texts.map { _ in AppendOutcome.appended(.start) }
    let found = state.withLock { state -> Found in
      state.events += texts
      state.batches += 1
      if !state.isOpen { state.waiting.append { completion(.success(outcomes)) } }
      var found = Found(isOpen: state.isOpen)
      if let watcher = state.watcher, watcher.count <= state.events.count {
        found.watcher = watcher.continuation
        state.watcher = nil
      }
      return found
    }
    if found.isOpen { completion(.success(outcomes)) }
    found.watcher?.resume()
  }

  /// Returns once so many events came.
  func wait(for count: Int) async -> [String] {
    await withCheckedContinuation { continuation in
      let isThere = state.withLock { state in
        if state.events.count < count { state.watcher = (count, continuation) }
        return state.events.count >= count
      }
      if isThere { continuation.resume() }
    }
    return events
  }

  /// Answers everything from now on.
  func open() {
    let waiting = state.withLock { state in
      defer { state.waiting = [] }
      state.isOpen = true
      return state.waiting
    }
    for answer in waiting { answer() }
  }
}

private struct NoCheckpoint: CheckpointReader {
  func value(for key: [UInt8]) throws -> [UInt8]? { nil }
  func forEach(_ body: (_ key: [UInt8], _ value: [UInt8]) throws -> Void) throws {}
}

/// Plays programs: each start writes the next script's bytes and ends.
final class ScriptedStarter: ProcessStarter {
  struct Script: Sendable {
    var output: [UInt8] = []
    var error: [UInt8] = []
    var exit = ProcessExit.exited(0)
  }

  private struct Ended: RunningProcess {
    let id: Int32 = 1
    func signal(_ number: Int32) {}
  }

  private let scripts: Mutex<[Script]>
  private let started = Mutex<[Program]>([])

  init(_ scripts: [Script]) { self.scripts = Mutex(scripts) }

  /// What was started.
  var programs: [Program] { started.withLock { $0 } }

  func start(
    _ program: Program,
    started report: @escaping @Sendable (Result<any RunningProcess, StartFailure>) -> Void,
    exited: @escaping @Sendable (ProcessExit) -> Void
  ) {
    let script = scripts.withLock { $0.count > 1 ? $0.removeFirst() : $0[0] }
    started.withLock { $0.append(program) }
    let (output, error) = (dup(program.output ?? -1), dup(program.error ?? -1))
    Thread {
      report(.success(Ended()))
      Self.write(script.output, to: output)
      Self.write(script.error, to: error)
      exited(script.exit)
    }.start()
  }

  private static func write(_ bytes: [UInt8], to descriptor: Int32) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
      guard count > 0 else { break }
      rest = rest.dropFirst(count)
    }
    close(descriptor)
  }
}

/// Runs a command while the body runs, then stops it.
func withCommand(
  _ plan: CommandPlan,
  _ sink: CollectingSink,
  starter: any ProcessStarter = SystemProcessStarter(),
  clock: any HostClock = SystemClock(),
  grace: Duration = .seconds(5),
  _ body: () async throws -> Void
) async throws {
  let context = SourceContext(
    name: "cmd",
    sink: sink,
    checkpoint: NoCheckpoint(),
    clock: clock,
    ready: {}
  )
  let environment = ["PATH": "/usr/bin:/bin", "SECRET": "no"]
  try await withThrowingTaskGroup { group in
    group.addTask {
      try await CommandEvents(plan, starter: starter, environment: environment, grace: grace).run(context)
    }
    try await body()
    group.cancelAll()
    try await group.waitForAll()
  }
}
