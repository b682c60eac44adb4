// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import EventSources
import Rules
import Synchronization

/// The sources that run, each in a task of its own that starts it again when it fails.
final class RunningSources: Sendable {
  /// Makes the source of a definition.
  typealias Make = @Sendable (SourceDefinition) throws -> any EventSource

  private struct Running {
    let definition: SourceDefinition
    let task: Task<Void, Never>
  }

  static let firstPause = Duration.seconds(1)
  static let longestPause = Duration.seconds(60)

  private let log: any DurableLog
  private let clock: any HostClock
  private let make: Make
  private let report: @Sendable (String) -> Void
  private let running = Mutex<[String: Running]>([:])

  init(
    log: any DurableLog,
    clock: any HostClock,
    make: @escaping Make,
    report: @escaping @Sendable (String) -> Void
  ) {
    self.log = log
    self.clock = clock
    self.make = make
    self.report = report
  }

  /// Ends the sources that are not wanted any more, starts the new ones, and returns when these hear everything.
  ///
  /// A source whose definition has not changed goes on undisturbed.
  func use(_ definitions: [SourceDefinition]) async {
    let wanted = Dictionary(definitions.map { ($0.id, $0) }) { first, _ in first }
    let gone = running.withLock { running in
      let ids = running.filter { wanted[$0.key] != $0.value.definition }.map(\.key)
      return ids.compactMap { running.removeValue(forKey: $0)?.task }
    }
    await Self.end(gone)
    var gates: [ReadyGate] = []
    running.withLock { running in
      for definition in definitions where running[definition.id] == nil {
        let gate = ReadyGate()
        gates.append(gate)
        // Lives until the definition changes or the host ends, and both cancel it.
        let task = Task { await self.run(definition, gate) }
        running[definition.id] = Running(definition: definition, task: task)
      }
    }
    for gate in gates { await gate.wait() }
  }

  /// Ends all sources; returns when none emits any more.
  func close() async {
    await Self.end(
      running.withLock { running in
        defer { running = [:] }
        return running.values.map(\.task)
      }
    )
  }

  private static func end(_ tasks: [Task<Void, Never>]) async {
    for task in tasks { task.cancel() }
    for task in tasks { await task.value }
  }

  private func start(_ definition: SourceDefinition, _ gate: ReadyGate) async throws {
    let sink = LogSink(log: log, source: definition.id)
    // The host must get ready although the disk is full: somebody may want to make room with its help.
    let patient = PatientSink(sink, clock: clock) { gate.open() }
    let context = SourceContext(
      name: definition.id,
      sink: definition.kind == SourceKinds.socketKind ? sink : patient,
      checkpoint: log.checkpoint(of: definition.id),
      clock: clock,
      ready: { gate.open() }
    )
    let source = try make(definition)
    try await withTaskCancellationHandler {
      try await source.run(context)
    } onCancel: {
      patient.giveUp()
    }
  }

  private func run(_ definition: SourceDefinition, _ gate: ReadyGate) async {
    var pause = Self.firstPause
    while !Task.isCancelled {
      let begun = clock.now()
      do {
        try await start(definition, gate)
        if Task.isCancelled { break }
        report("source '\(definition.id)' has ended")
      } catch is CancellationError {
        break
      } catch {
        report("source '\(definition.id)': \(error); it is started again")
      }
      // A source that cannot start must not keep the others from being ready.
      gate.open()
      if clock.now() - begun > Self.longestPause { pause = Self.firstPause }
      guard (try? await clock.sleep(for: pause)) != nil else { break }
      pause = min(pause * 2, Self.longestPause)
    }
    gate.open()
  }
}
