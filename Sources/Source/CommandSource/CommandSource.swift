// SPDX-License-Identifier: Apache-2.0

import EventModel
public import EventSources
import Foundation
public import Processes

// Theory of operation.
//
// A command is a program that is run either again and again by a period, or all the time. One thread reads its standard
// output and standard error; what one look at them brings becomes one batch. While too many batches are on their way
// into the log nothing is read, the pipes fill, and the program waits in its own write. When the program has ended and
// its output is in the log, `command.exited` follows. A program that runs all the time is started again after a
// pause, which doubles while it keeps failing. Nothing of a command is durable but its events: after a restart of the
// host it is simply started again.
//
// Programs get an argument list, never a shell. At the end, and after its timeout, a program and its group get
// SIGTERM, and SIGKILL when they are still there after the grace time.

/// Events from the output and the end of a program.
public struct CommandEvents: EventSource {
  /// What a program inherits, if this process has it.
  private static let inheritedVariables: Set = [
    "PATH", "HOME", "LANG", "LC_ALL", "TZ", "USER", "LOGNAME", "TMPDIR",
  ]

  private let plan: CommandPlan
  private let starter: any ProcessStarter
  private let environment: [String: String]
  private let grace: Duration

  /// Makes a source; `environment` is what the program may inherit from, and where PATH is looked up.
  public init(
    _ plan: CommandPlan,
    starter: any ProcessStarter = SystemProcessStarter(),
    environment: [String: String],
    grace: Duration = .seconds(5)
  ) {
    self.plan = plan
    self.starter = starter
    self.environment = environment.filter { Self.inheritedVariables.contains($0.key) }
      .merging(plan.environment) { $1 }
    self.grace = grace
  }

  /// Runs the program until the task is cancelled; throws when it cannot be started.
  public func run(_ context: SourceContext) async throws {
    let program = try program()
    var due = context.clock.now()
    var pause = CommandPause(plan.restart)
    context.ready()
    while !Task.isCancelled {
      let started = context.clock.now()
      let run = CommandRun(program, plan, starter: starter, grace: grace, context)
      let end = try await run.run()
      let now = context.clock.now()
      try await context.sink.append(try end.batch(duration: now - started, context))
      if Task.isCancelled { return }
      if let period = plan.every {
        due = max(due + period, now)
      } else {
        due = now + pause.next(after: now - started, isFailure: end.isFailure)
      }
      do { try await context.clock.sleep(until: due) } catch is CancellationError { return }
    }
  }

  private func program() throws -> Program {
    let name = plan.run[0]
    guard let path = ProgramPath.find(name, in: environment["PATH"] ?? "") else {
      throw StartFailure(errno: ENOENT, description: "there is no program '\(name)' in PATH")
    }
    var program = Program(path: path, arguments: Array(plan.run.dropFirst()), environment: environment)
    program.directory = plan.directory
    return program
  }
}
