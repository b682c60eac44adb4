// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import EarshotHost
import EventModel
import Foundation

/// `earshot log`: looks after the event log.
struct Log: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Look after the event log: check it, count, write it out, read it in, forget, erase.",
    subcommands: [Verify.self, Stats.self, Prune.self, Export.self, Import.self, Erase.self]
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
        let erased = result.erased > 0 ? "; \(result.erased) of them are erased, as the log says" : ""
        print("\(result.events) events, all as they were written\(erased)")
      }
      if result.damage != nil { throw ExitCode(1) }
    }
  }
}
