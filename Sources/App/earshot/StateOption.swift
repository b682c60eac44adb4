// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import DurableLog
import EarshotHost
import Foundation

/// The option that says where the host keeps its state, the same for every command.
struct StateOption: ParsableArguments {
  @Option(name: .customLong("state"), help: "Where the host keeps its log and sockets.") var directory:
    String?

  var paths: StatePaths {
    StatePaths(
      stateOption: directory,
      environment: ProcessInfo.processInfo.environment,
      workingDirectory: FileManager.default.currentDirectoryPath
    )
  }

  /// Calls `body` with the way to the host; a failure ends the program with its own status.
  func asking<Value>(_ body: (HostClient) async throws -> Value) async throws -> Value {
    do {
      return try await body(HostClient(paths: paths))
    } catch let failure as HostFailure {
      throw commandFailure(failure.description, status: failure.status)
    }
  }

  /// Calls `body` with what has things done with the log; a failure ends the program with its own status.
  func caring<Value>(makesLog: Bool = false, _ body: (LogCaretaker) async throws -> Value) async throws
    -> Value
  {
    do {
      return try await LogCaretaker.caring(paths: paths, makesLog: makesLog, body)
    } catch let failure as HostFailure {
      throw commandFailure(failure.description, status: failure.status)
    }
  }

  /// Calls `body` with the path of the log; a failure to read it ends the program with its own status.
  func reading<Value>(_ body: (String) throws -> Value) throws -> Value {
    let path = try existingLog()
    do { return try body(path) } catch { throw Self.ended(by: error) }
  }

  /// The same for what takes its time.
  func reading<Value>(_ body: (String) async throws -> Value) async throws -> Value {
    let path = try existingLog()
    do { return try await body(path) } catch { throw Self.ended(by: error) }
  }

  private func existingLog() throws -> String {
    let path = paths.log
    guard FileManager.default.fileExists(atPath: path) else {
      throw commandFailure("there is no log at \(path)", status: 66)
    }
    return path
  }

  /// What ends the program: a failure of the log or the host with its own status, all else as it is.
  private static func ended(by error: any Error) -> any Error {
    switch error {
    case let failure as LogFailure: commandFailure("\(failure)", status: failure.code == .corrupt ? 1 : 70)
    case let failure as HostFailure: commandFailure(failure.description, status: failure.status)
    default: error
    }
  }
}

/// Ends the program with a status of its own and a line that says why.
func commandFailure(_ message: String, status: Int32) -> ExitCode {
  HostOutput.write("earshot: \(message)")
  return ExitCode(status)
}
