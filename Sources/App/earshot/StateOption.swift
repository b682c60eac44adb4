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
    let path = paths.log
    guard FileManager.default.fileExists(atPath: path) else {
      throw commandFailure("there is no log at \(path)", status: 66)
    }
    do {
      return try body(path)
    } catch let failure as LogFailure {
      throw commandFailure("\(failure)", status: failure.code == .corrupt ? 1 : 70)
    } catch let failure as HostFailure {
      throw commandFailure(failure.description, status: failure.status)
    }
  }
}

/// Ends the program with a status of its own and a line that says why.
func commandFailure(_ message: String, status: Int32) -> ExitCode {
  HostOutput.write("earshot: \(message)")
  return ExitCode(status)
}
