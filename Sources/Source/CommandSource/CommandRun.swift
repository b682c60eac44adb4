// SPDX-License-Identifier: Apache-2.0

import EventModel
import EventSources
import Foundation
import Processes

/// One run of a program, from its start to the last line of its output.
struct CommandRun {
  private let program: Program
  private let plan: CommandPlan
  private let starter: any ProcessStarter
  private let grace: Duration
  private let context: SourceContext

  init(
    _ program: Program,
    _ plan: CommandPlan,
    starter: any ProcessStarter,
    grace: Duration,
    _ context: SourceContext
  ) {
    self.program = program
    self.plan = plan
    self.starter = starter
    self.grace = grace
    self.context = context
  }

  /// Returns when the program has ended and its output is in the log.
  func run() async throws -> CommandEnd {
    let (output, errors, wake) = (try ProcessPipe(), try ProcessPipe(), try ProcessPipe())
    for pipe in [output, errors] { pipe.readEnd.stopBlocking() }
    var program = program
    program.output = output.writeEnd.number
    program.error = errors.writeEnd.number
    let exit = Promise<ProcessExit>()
    let process = try await starter.start(program) { end in
      exit.fulfil(end)
      // The reader takes what is still in the pipes and stops, even if a stray grandchild holds them open.
      wake.writeEnd.close()
    }
    output.writeEnd.close()
    errors.writeEnd.close()
    let stopper = CommandStopper(process, clock: context.clock, grace: grace)
    if let timeout = plan.timeout { stopper.stop(after: timeout) }
    return try await withTaskCancellationHandler {
      let reader = OutputReader(
        [(output.readEnd, .output), (errors.readEnd, .error)],
        wake: wake.readEnd,
        OutputEvents(plan.format, context),
        context.sink
      )
      let result = await reader.read()
      if case .failure = result { stopper.stop() }
      let end = CommandEnd(exit: await exit.value(), isTimedOut: stopper.isTimedOut)
      stopper.forget()
      try result.get()
      return end
    } onCancel: {
      stopper.stop()
    }
  }
}
