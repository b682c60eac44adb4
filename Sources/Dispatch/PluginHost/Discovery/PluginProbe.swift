// SPDX-License-Identifier: Apache-2.0

import EventModel
import Foundation
import PluginWire
import Processes

/// Asks one plugin what it is.
struct PluginProbe: Sendable {
  private let executable: PluginFolder.Executable
  private let starter: any ProcessStarter
  private let clock: any HostClock
  private let environment: [String: String]

  init(
    _ executable: PluginFolder.Executable,
    _ starter: any ProcessStarter,
    _ clock: any HostClock,
    _ environment: [String: String]
  ) {
    self.executable = executable
    self.starter = starter
    self.clock = clock
    self.environment = environment
  }

  /// Starts the plugin, waits for its hello and ends it; whatever it does, the process is gone afterwards.
  func description(patience: Duration) async -> Result<PluginDescription, PluginFailure> {
    if let problem = FileTrust.problem(of: executable.path) {
      return .failure(PluginFailure(.unsafe, problem))
    }
    let (remarks, continuation) = AsyncStream.makeStream(of: PluginProcess.Remark.self)
    let process: PluginProcess
    do throws(PluginFailure) {
      process = try await PluginProcess.start(executable, starter: starter, environment: environment) {
        remark in
        continuation.yield(remark)
        if case .ended = remark { continuation.finish() }
      }
    } catch {
      return .failure(error)
    }
    let answer = await withTaskGroup(of: Result<PluginDescription, PluginFailure>?.self) { group in
      // Two tasks that race: what is heard first, and the end of patience.
      group.addTask { await firstAnswer(in: remarks) }
      // The one that loses is cancelled and leaves no answer.
      group.addTask {
        try? await clock.sleep(for: patience)
        return nil
      }
      let first = await group.next() ?? nil
      group.cancelAll()
      return first
    }
    process.signal(SIGKILL)
    return answer ?? .failure(PluginFailure(.silent, "'\(executable.path)' does not say what it is"))
  }

  private func firstAnswer(
    in remarks: AsyncStream<PluginProcess.Remark>
  ) async -> Result<PluginDescription, PluginFailure>? {
    for await remark in remarks {
      switch remark {
      case .messages(let messages):
        guard case .hello(let description, let version)? = messages.first else {
          return .failure(PluginFailure(.protocolError, "'\(executable.path)' does not say hello first"))
        }
        return check(description, version)
      case .violation(let what):
        return .failure(PluginFailure(.protocolError, "'\(executable.path)' breaks the protocol: \(what)"))
      case .ended(let exit):
        return .failure(PluginFailure(.ended, "'\(executable.path)' ended before it said hello: \(exit)"))
      case .log: continue
      }
    }
    return nil
  }

  private func check(_ description: PluginDescription, _ version: Int) -> Result<
    PluginDescription, PluginFailure
  > {
    guard version == PluginWire.version else {
      let message =
        "'\(executable.path)' speaks version \(version) of the protocol, not \(PluginWire.version)"
      return .failure(PluginFailure(.version, message))
    }
    guard description.name == executable.name else {
      let message = "'\(executable.path)' calls itself '\(description.name)'"
      return .failure(PluginFailure(.name, message))
    }
    return .success(description)
  }
}
