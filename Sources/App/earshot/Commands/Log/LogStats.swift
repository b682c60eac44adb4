// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Diagnostics
import EarshotHost
import EventModel

extension Log {
  struct Stats: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show what the log holds, in numbers.",
      discussion: """
        Events by type, runs by state, windows, what all of it takes up on disk, and how fast it grows, by the last seven \
        days. Sizes of events are those of the newest of each type. May run beside a host.

        Example:
          earshot log stats --json
        """
    )

    @OptionGroup var location: StateOption
    @Flag(help: "Print the numbers as JSON.") var json = false

    func run() throws {
      let numbers = try location.reading { try StoredLog(path: $0).numbers() }
      if json { return print(numbers.json.json) }
      let width = numbers.lines.map(\.name.count).max() ?? 0
      for line in numbers.lines { print("\(Table.padded(line.name, to: width))  \(line.text)") }
      guard !numbers.rows.isEmpty else { return }
      let rows = numbers.rows.map { $0.map(TerminalText.escaped) }
      print("")
      print(Table.text(header: ["TYPE", "EVENTS", "SHARE", "FIRST", "LAST", "SIZE"], rows: rows))
    }
  }
}
