// SPDX-License-Identifier: Apache-2.0

import EventModel
import Foundation
import PluginHost
import PluginWire
import Processes
import Synchronization

/// A plugin that is a script, under a supervisor whose clock a test moves.
final class DrivenPlugin: Sendable {
  static let timeout = Duration.seconds(1)

  let name: String
  let clock = VirtualClock()
  private let supervisor: PluginSupervisor
  private let lines: AsyncStream<String>
  private let lastTicket = Mutex<UInt64>(0)
  private let tally = Tally()
  private let outcomes: AsyncStream<RunOutcome>

  /// Puts the script into a folder; `home` becomes a variable of its environment.
  init(_ name: String, script: String, in folder: String, home: String) throws {
    self.name = name
    let path = folder + "/earshot-listener-" + name
    try script.write(toFile: path, atomically: true, encoding: .utf8)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
    guard let executable = try PluginFolder(path: folder).executables().first(where: { $0.name == name })
    else { throw CancellationError() }
    let (lines, said) = AsyncStream.makeStream(of: String.self)
    let (outcomes, finished) = AsyncStream.makeStream(of: RunOutcome.self)
    (self.lines, self.outcomes) = (lines, outcomes)
    supervisor = PluginSupervisor(
      executable,
      settings: .init(instances: 1, concurrency: 1, idleStop: .seconds(86_400), settings: [:]),
      in: .init(
        starter: SystemProcessStarter(),
        clock: clock,
        environment: ["PATH": "/usr/bin:/bin", "HOME": home],
        report: { said.yield($0) }
      ),
      finished: { [tally] in
        for outcome in $0 {
          tally.note(outcome.ticket)
          finished.yield(outcome)
        }
      }
    )
  }

  /// Asks for a run.
  func submit() {
    let ticket = lastTicket.withLock { ticket in
      ticket += 1
      return ticket
    }
    let request = RunRequest(
      id: 0,
      action: "go",
      key: "k",
      attempt: 1,
      timeout: Int64(Self.timeout / .milliseconds(1)),
      rule: "r",
      with: Array("{}".utf8),
      event: Array("{}".utf8)
    )
    supervisor.submit([PluginRun(ticket: ticket, request: request)])
  }

  /// The next line for the host's log that begins so.
  func line(beginning start: String) async -> String {
    await lines.first { $0.hasPrefix(start) } ?? ""
  }

  /// How the next run has ended.
  func outcome() async -> RunOutcome? { await outcomes.first { _ in true } }

  /// Whether each run that was asked for has been answered for once.
  var hasAnsweredOnce: Bool { tally.isOneEach(upTo: lastTicket.withLock { $0 }) }

  func close() async { await supervisor.close() }
}

/// How often each run was answered for.
private final class Tally: Sendable {
  private let counts = Mutex<[UInt8]>([])

  func note(_ ticket: UInt64) {
    counts.withLock { counts in
      while counts.count < ticket { counts.append(0) }
      counts[Int(ticket) - 1] += 1
    }
  }

  func isOneEach(upTo last: UInt64) -> Bool {
    counts.withLock { $0.count == Int(last) && $0.allSatisfy { $0 == 1 } }
  }
}
