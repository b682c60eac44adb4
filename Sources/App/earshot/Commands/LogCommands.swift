// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import DurableLog
import EarshotHost
import EventModel
import Foundation

/// `earshot log`: looks after the event log.
struct Log: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Check the event log or write it out.",
    subcommands: [Verify.self, Export.self]
  )

  struct Verify: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Prove that every event is what was written.",
      discussion: """
        Walks the chain of checksums from the first event to the last. Exit status 1 when an event is missing \
        or was changed. May run beside a host.
        """
    )

    @OptionGroup var location: StateOption
    @Flag(help: "Print the result as JSON.") var json = false

    func run() throws {
      let result = try location.reading { path in
        try StoredLog(path: path).verify { count in
          if isatty(STDERR_FILENO) != 0 { FileHandle.standardError.write(Data("\r\(count) events …".utf8)) }
        }
      }
      if json {
        print(result.json.json)
      } else if let damage = result.damage {
        print("damaged at position \(damage.position): \(damage.reason) (\(result.events) events are fine)")
      } else {
        print("\(result.events) events, all as they were written")
      }
      if result.damage != nil { throw ExitCode(1) }
    }
  }

  struct Export: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Write events as newline-delimited CloudEvents to standard output."
    )

    @OptionGroup var location: StateOption
    @Option(help: "The first position to write.") var from: Int64 = 1

    func run() throws {
      try location.reading { path in
        try StoredLog(path: path).export(from: LogPosition(rawValue: from)) { lines in
          try FileHandle.standardOutput.write(contentsOf: Data(lines))
        }
      }
    }
  }
}

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

  /// Calls `body` with the path of the log; a failure to read it ends the program with its own status.
  func reading<Value>(_ body: (String) throws -> Value) throws -> Value {
    let path = paths.log
    guard FileManager.default.fileExists(atPath: path) else {
      FileHandle.standardError.write(Data("earshot: there is no log at \(path)\n".utf8))
      throw ExitCode(66)
    }
    do {
      return try body(path)
    } catch let failure as LogFailure {
      FileHandle.standardError.write(Data("earshot: \(failure)\n".utf8))
      throw ExitCode(failure.code == .corrupt ? 1 : 70)
    }
  }
}
