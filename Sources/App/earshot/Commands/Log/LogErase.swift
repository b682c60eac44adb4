// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Diagnostics
import EarshotHost
import EventModel
import Foundation

extension Log {
  struct Erase: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Erase what events say, for good, and what runs have made of it.",
      discussion: """
        Of an erased event the log keeps position, type, source and time of recording, and its id if that is a UUID; all \
        else is written over on the disk, and so are the outputs, reasons and histories of the runs that have reacted to it. \
        The log can still be verified. That events were erased, and the reason, is an event itself (earshot.log.erased). \
        Shows how many events there are first, and asks. Events of runs that are not over stay; erase again when these are.

        Not reached are: what was handed to listeners, archives and copies, keys of windows until these close, file names \
        that a file source remembers, and what has come of the events in other events: --correlation finds these. Views that \
        may hold something of the events are built anew by the host.

        Examples:
          earshot log erase --subject customer/42 --reason 'request 17' --dry-run
          earshot log erase --where 'event.data.email == "ada@example.org"' --reason 'request 18' --yes
          earshot log erase --correlation 019dd5b2-7c1c-7d60-8d9f-0d5b3f6f4a11 --reason 'request 19'
        """
    )

    @OptionGroup var events: EventOptions
    @Option(help: "The last position.") var to: Int64?
    @Option(help: "Only events recorded from then on: how long ago, or an instant.") var since: String?
    @Option(help: "Only events recorded before that: how long ago, or an instant.") var until: String?
    @Option(help: "Why; it stays in the log, so name nobody in it.") var reason: String?
    @Flag(help: "Only show what would go.") var dryRun = false
    @Flag(name: .shortAndLong, help: "Do not ask.") var yes = false
    @OptionGroup var location: StateOption
    @Flag(help: "Print the result as JSON.") var json = false

    func validate() throws {
      guard events.subject != nil || events.condition != nil || events.correlation != nil else {
        throw ValidationError("say which events: --subject, --where or --correlation")
      }
      guard dryRun || reason?.isEmpty == false else { throw ValidationError("say why: --reason") }
    }

    func run() async throws {
      let (counts, unknown) = try await location.asking { client in
        try await EventPages(client, query).counts(by: "type")
      }
      let found = counts.values.reduce(0, +)
      if !json {
        let rows = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
          .map { [TerminalText.escaped($0.key), "\($0.value)"] }
        print(found == 0 ? "there are no such events" : Table.text(header: ["TYPE", "EVENTS"], rows: rows))
      }
      if unknown > 0 { HostOutput.write("the condition has no value for \(unknown) events, which stay") }
      var sums = Sums(found: found, unknown: unknown)
      if !dryRun {
        if found > 0 { try Confirmation.ask("Erase what these events say, for good?", isGiven: yes) }
        try await erase(&sums)
      }
      if json {
        print(sums.json.json)
      } else if !dryRun {
        print(sums.text)
      }
      if sums.isIncomplete { throw ExitCode(1) }
    }

    private var query: [(String, String)] {
      let asked = [("to", to.map { String($0) }), ("since", since), ("until", until)]
      return events.query + asked.compactMap { name, value in value.map { (name, $0) } }
    }

    /// By what the events are found, without what that is.
    private var selection: String {
      query.map { $0.0 }.sorted().joined(separator: ",")
    }

    private func erase(_ sums: inout Sums) async throws {
      let erasing = try await location.caring { caretaker in
        var erasing = ErasingEvents(caretaker, reason: reason ?? "", selection: selection)
        try await location.asking { client in
          // What is erased is found no more; what is found further on is not moved by that.
          _ = try await EventPages(client, query).ascending(limit: nil) { event in
            try await erasing.add(event)
            if isatty(STDERR_FILENO) != 0, !json {
              FileHandle.standardError.write(Data("\r\(erasing.erased) events …\r".utf8))
            }
          }
        }
        try await erasing.finish()
        return erasing
      }
      sums.take(erasing)
    }
  }

  /// What has come of an erasure.
  private struct Sums {
    let found: Int
    let unknown: Int
    private var erasing: ErasingEvents?

    init(found: Int, unknown: Int) {
      self.found = found
      self.unknown = unknown
    }

    mutating func take(_ erasing: ErasingEvents) { self.erasing = erasing }

    /// Whether something is left that was asked for.
    var isIncomplete: Bool {
      guard let erasing else { return false }
      return !erasing.needed.isEmpty || erasing.kept > 0 || unknown > 0 || !erasing.isClean
    }

    var text: String {
      guard let erasing else { return "" }
      var lines = ["\(erasing.erased) events are erased"]
      if !erasing.needed.isEmpty {
        let some = erasing.needed.prefix(20).map { "\($0)" }.joined(separator: ", ")
        let more = erasing.needed.count > 20 ? " …" : ""
        lines.append(
          "\(erasing.needed.count) stay, since runs that are not over react to them: \(some)\(more)"
        )
      }
      if erasing.kept > 0 { lines.append("\(erasing.kept) are of types that are never erased") }
      if !erasing.isClean {
        lines.append(
          "somebody reads the log, so its write-ahead log still holds what was erased: say this again"
        )
      }
      return lines.joined(separator: "\n")
    }

    var json: JSONValue {
      var members: [JSONValue.Member] = [
        .init("events", .number("\(found)")), .init("without_value", .number("\(unknown)")),
      ]
      if let erasing {
        members += [
          .init("erased", .number("\(erasing.erased)")),
          .init("needed", .array(erasing.needed.map { .number("\($0)") })),
          .init("kept", .number("\(erasing.kept)")), .init("clean", .bool(erasing.isClean)),
        ]
      }
      return .object(members)
    }
  }
}
