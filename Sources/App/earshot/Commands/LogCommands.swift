// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
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
