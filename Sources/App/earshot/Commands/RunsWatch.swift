// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Diagnostics
import EarshotHost
import EventModel

extension Runs {
  struct Watch: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Print what comes to pass in a run, and its branches, until it ends.",
      discussion: """
        Exit status 0 when the run is done, 1 when it ended otherwise. A run of one step has nothing to print before \
        its end.
        """
    )

    @Argument(help: "The run's number.") var run: Int64
    @OptionGroup var location: StateOption
    @Flag(help: "Print each entry as JSON on a line.") var json = false

    /// How often the host is asked.
    private static let pause = Duration.milliseconds(200)
    private static let open = ["queued", "behind", "pending", "running", "waiting", "cancelling"]

    func run() async throws {
      var printed: [Int64: Int] = [:]
      while true {
        let answer = try await location.asking { try await $0.query(["runs", String(self.run)]) }
        show(RunAccount(answer).news(&printed))
        let state = answer["state"]?.string ?? ""
        guard Self.open.contains(state) else { return try end(answer, state) }
        try await SystemClock().sleep(for: Self.pause)
      }
    }

    private func show(_ entries: [RunAccount.Line]) {
      for line in entries {
        if json {
          print(JSONValue.object([.init("run", .number("\(line.run)")), .init("entry", line.entry)]).json)
        } else {
          let words = [
            line.entry["ended"]?.string, "run \(line.run)", line.entry["step"]?.string,
            line.entry["kind"]?.string,
            RunAccount.detail(line.entry).map { RunAccount.cut($0) },
          ]
          print(TerminalText.escaped(words.compactMap { $0 }.joined(separator: "  ")))
        }
      }
    }

    private func end(_ run: JSONValue, _ state: String) throws {
      let failure = run["failure"]?.string.map { ": " + TerminalText.escaped($0) } ?? ""
      if !json { print("run \(self.run) is \(state)\(failure)") }
      if state != "done" { throw ExitCode(1) }
    }
  }
}
