// SPDX-License-Identifier: Apache-2.0

import EventModel
public import EventSources
import Foundation
public import Processes

// Theory of operation.
//
// A command is started, by a rhythm or to run for ever, and each line that it writes becomes an event. Two threads read
// its standard output and error (`OutputReader`); each waits until what it has read is in the log before it reads on,
// so a command that writes faster than the log takes is held back by its own pipe. When it has ended, and all that it
// wrote is in the log, a `command.exited` says how.

/// Events from the output of a command.
public struct CommandEvents: EventSource {
  /// How long a command may take to end when it is asked to.
  static let patience = Duration.seconds(5)
  static let longestRestart = Duration.seconds(60)

  private let plan: CommandPlan
  private let starter: any ProcessStarter
  private let environment: [String: String]

  /// Makes a source; `environment` is the host's, of which commands see a part.
  public init(_ plan: CommandPlan, starter: any ProcessStarter, environment: [String: String]) {
    self.plan = plan
    self.starter = starter
    self.environment = environment
  }

  /// Runs the command again and again until the task is cancelled.
  public func run(_ context: SourceContext) async throws {
    guard let path = programPath else {
      throw StartFailure(errno: ENOENT, description: "there is no program '\(plan.words[0])'")
    }
    var pause = plan.restart
    while true {
      let begun = context.clock.now()
      try await once(path, context)
      try Task.checkCancellation()
      let life = context.clock.now() - begun
      if let every = plan.every {
        try await context.clock.sleep(until: begun + every)
        continue
      }
      pause = life > Self.longestRestart ? plan.restart : pause
      try await context.clock.sleep(for: pause)
      pause = min(pause * 2, max(Self.longestRestart, plan.restart))
    }
  }

  /// One run from its start until all that it wrote, and how it ended, is in the log.
  private func once(_ path: String, _ context: SourceContext) async throws {
    let begun = context.clock.now()
    let (exits, continuation) = AsyncStream.makeStream(of: ProcessExit.self)
    let (output, error) = (Pipe(), Pipe())
    var program = Program(path: path, arguments: Array(plan.words.dropFirst()), environment: variables)
    program.directory = plan.directory
    program.output = output.fileHandleForWriting.fileDescriptor
    program.error = error.fileHandleForWriting.fileDescriptor
    let process = try await starter.start(program) { exit in
      continuation.yield(exit)
      continuation.finish()
    }
    try? output.fileHandleForWriting.close()
    try? error.fileHandleForWriting.close()
    context.ready()
    let readers = [("stdout", output), ("stderr", error)].map { stream, pipe in
      OutputReader(pipe.fileHandleForReading, stream, plan.format, context)
    }
    let exit = try await waitForEnd(of: process, exits, context)
    for reader in readers { try await reader.finish() }
    guard let exit else { return }
    try await note(exit, after: context.clock.now() - begun, context)
  }

  /// How the process ended; when the task is cancelled or the time is over, it is ended.
  private func waitForEnd(
    of process: any RunningProcess,
    _ exits: AsyncStream<ProcessExit>,
    _ context: SourceContext
  ) async throws -> ProcessExit? {
    let kill = Alarm(clock: context.clock) { process.signal(SIGKILL) }
    let stop = Alarm(clock: context.clock) {
      process.signal(SIGTERM)
      kill.set(context.clock.now() + Self.patience)
    }
    if plan.every != nil { stop.set(context.clock.now() + plan.timeout) }
    defer {
      stop.cancel()
      kill.cancel()
    }
    return await withTaskCancellationHandler {
      // Not cancelled with the task: the process is waited for in any case.
      await Task { await exits.first { _ in true } }.value
    } onCancel: {
      process.signal(SIGTERM)
      kill.set(context.clock.now() + Self.patience)
    }
  }

  private func note(_ exit: ProcessExit, after duration: Duration, _ context: SourceContext) async throws {
    var data: [JSONValue.Member] = [.init("command", .string(plan.words[0]))]
    switch exit {
    case .exited(let status): data.append(.init("status", .number(String(status))))
    case .signalled(let number): data.append(.init("signal", .number(String(number))))
    }
    data.append(.init("duration_ms", .number(String(Int64(duration / .milliseconds(1))))))
    var intake = EventIntake(defaultSource: context.name, clock: context.clock)
    var batch = EventBatch()
    try intake.append(CloudEvent(type: "command.exited", data: .object(data)), to: &batch)
    try await context.sink.append(SourceBatch(events: batch))
  }

  private var variables: [String: String] {
    let inherited = ["HOME", "PATH", "LANG", "LC_ALL", "TZ", "TMPDIR", "USER"]
    return environment.filter { inherited.contains($0.key) }.merging(plan.environment) { $1 }
  }

  private var programPath: String? {
    let word = plan.words[0]
    guard !word.contains("/") else { return word }
    let folders = (variables["PATH"] ?? "/usr/local/bin:/usr/bin:/bin").split(separator: ":")
    return folders.map { "\($0)/\(word)" }.first { access($0, X_OK) == 0 }
  }
}
