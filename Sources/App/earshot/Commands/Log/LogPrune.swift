// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Diagnostics
import EarshotHost
import EventModel

extension Log {
  struct Prune: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Forget old events now.",
      discussion: """
        With events go the runs that have reacted to them. What is still needed stays: events of runs that are not over \
        (dead ones, too), those that windows hold, and the texts of rules. Shows how many events there are first, and asks. \
        `settings: { log: { keep, max_size, types } }` has a host do the same by itself. Without a host it is done in the \
        log itself, and no host can start meanwhile.

        Examples:
          earshot log prune --before 90d --dry-run
          earshot log prune --before 7d --type 'file.*' --yes
        """
    )

    @Option(help: "Events recorded before that go: how long ago, an instant, or a position.") var before:
      String
    @Option(help: "Only events of this type; `order.*` means all that begin so.") var type: String?
    @Flag(help: "Only show what would go.") var dryRun = false
    @Flag(name: .shortAndLong, help: "Do not ask.") var yes = false
    @OptionGroup var location: StateOption
    @Flag(help: "Print the result as JSON.") var json = false

    func run() async throws {
      let counts = try await location.asking { client in
        try await EventPages(client, query).counts(by: "type").counts
      }
      let found = counts.values.reduce(0, +)
      if !json {
        let rows = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        print(
          found == 0
            ? "there are no such events"
            : Table.text(
              header: ["TYPE", "EVENTS"],
              rows: rows.map { [TerminalText.escaped($0.key), "\($0.value)"] }
            )
        )
      }
      guard !dryRun, found > 0 else { return report(found: found, forgotten: 0) }
      try Confirmation.ask("Forget these events, but for those that are still needed?", isGiven: yes)
      let forgotten = try await location.caring { caretaker in
        guard type != nil else { return try await forget(nil, caretaker) }
        var sum = 0
        for name in counts.keys.sorted() { sum += try await forget(name, caretaker) }
        return sum
      }
      report(found: found, forgotten: forgotten)
    }

    /// The same events for a search.
    private var query: [(String, String)] {
      let end = Int64(before).map { ("to", String(max(0, $0 - 1))) } ?? ("until", before)
      return [end] + (type.map { [("type", $0)] } ?? [])
    }

    private func forget(_ type: String?, _ caretaker: LogCaretaker) async throws -> Int {
      var sum = 0
      var seen = "0"
      while true {
        let type = type.map { [("type", $0)] } ?? []
        let answer = try await caretaker("prune", [("before", before), ("after", seen)] + type)
        sum += answer["events"]?.int ?? 0
        seen = answer["seen"]?.json ?? "0"
        if answer["done"] != false { return sum }
      }
    }

    private func report(found: Int, forgotten: Int) {
      if json {
        let members: [JSONValue.Member] = [
          .init("events", .number("\(found)")), .init("forgotten", .number("\(forgotten)")),
        ]
        print(JSONValue.object(members).json)
      } else if !dryRun, found > 0 {
        let rest = found - forgotten
        print("\(forgotten) events are forgotten" + (rest > 0 ? ", \(rest) are still needed" : ""))
      }
    }
  }
}
