// SPDX-License-Identifier: Apache-2.0

import Foundation
import ListenerSDK
import Processes
import Synchronization

/// Runs a program to its end, or ends it when its time is over or nobody wants its outcome any more.
struct Execution {
  let program: Program
  let input: [UInt8]
  /// How much is kept of each output, in bytes.
  let limit: Int
  /// How long the program may take to heed SIGTERM.
  var grace = DispatchTimeInterval.seconds(5)

  func run(timeout: Duration?) async throws -> Outcome {
    try Task.checkCancellation()
    let streams = try ChildStreams(hasInput: !input.isEmpty)
    let ending = Ending()
    let process = try await start(streams, ending)
    // Cancelled with the action, and when the program has ended: then nothing is left to be signalled.
    async let _: Void = guardTime(of: process, ending, timeout)
    let captured = await streams.pump(input: input, limit: limit)
    try Task.checkCancellation()
    if ending.timedOut, let timeout {
      throw ActionError.retry("'\(program.path)' took longer than \(DurationText.text(of: timeout))")
    }
    return Outcome(exit: ending.exit, output: captured.output, error: captured.error)
  }

  private func start(_ streams: ChildStreams, _ ending: Ending) async throws -> any RunningProcess {
    var program = program
    (program.input, program.output, program.error) = streams.childEnds
    defer { streams.closeChildEnds() }
    do {
      return try await SystemProcessStarter().start(program) { exit in
        ending.end(exit)
        streams.childHasEnded()
      }
    } catch let failure as StartFailure {
      streams.close()
      let isPassing = [EAGAIN, ENOMEM, EMFILE, ENFILE, ETXTBSY].contains(failure.errno)
      throw isPassing ? ActionError.retry("\(failure)") : ActionError.fail("\(failure)")
    }
  }

  private func guardTime(of process: any RunningProcess, _ ending: Ending, _ timeout: Duration?) async {
    do {
      try await Task.sleep(for: timeout ?? DurationText.maximum)
      ending.timeIsOver()
    } catch {}
    guard !ending.hasEnded else { return }
    process.signal(SIGTERM)
    // A cancelled task cannot wait; a timer can.
    DispatchQueue.global().asyncAfter(deadline: .now() + grace) { process.signal(SIGKILL) }
  }
}

/// How a program ended, as soon as that is known.
private final class Ending: Sendable {
  private let state = Mutex<(exit: ProcessExit?, timedOut: Bool)>((nil, false))

  var hasEnded: Bool { state.withLock { $0.exit != nil } }
  var timedOut: Bool { state.withLock { $0.timedOut } }
  /// A program whose end was not heard of was killed.
  var exit: ProcessExit { state.withLock { $0.exit } ?? .signalled(SIGKILL) }

  func end(_ exit: ProcessExit) { state.withLock { $0.exit = exit } }

  /// A program that ended by itself just before was in time.
  func timeIsOver() { state.withLock { $0.timedOut = $0.exit == nil } }
}
