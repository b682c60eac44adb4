// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Diagnostics
import EarshotHost
import EventModel
import Foundation

/// `earshot replay`: sends events of the past to rules again.
struct ReplayCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay",
    abstract: "Send chosen events of the past to chosen rules again.",
    discussion: """
      Actions are really called. What will be done is shown first, and nothing is until you say yes. Listeners are \
      told that it is a replay, and each attempt has another idempotency key than it had then. A replay that has begun \
      goes on by itself, also when the host ends and is started again.

        earshot replay --from 120 --to 140 --rule billing
        earshot replay --from 2026-01-31T07:00:00Z --type order.* --where 'event.data.total > 100.0' --rule billing
        earshot replay list
        earshot replay cancel 3f9a1c22
      """,
    subcommands: [Begin.self, List.self, Cancel.self],
    defaultSubcommand: Begin.self
  )

  struct Begin: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Show what a replay will do, and begin it.")

    @Option(help: "The first event: a position, an instant, or how long ago, such as 2h.") var from: String
    @Option(help: "The last event, likewise; events are sent that were recorded before the instant.")
    var to: String?
    @Option(help: "Only events of this type, which may end in '*'.") var type: String?
    @Option(name: .customLong("where"), help: "Only events for which this holds, in CEL.") var condition:
      String?
    @Option(name: .customLong("rule"), help: "A rule that gets the events; may be given several times.")
    var rules: [String]
    @Option(help: "'full' speed, the 'original' pace, or so many times faster, such as '10x'.")
    var pace = "full"
    @Flag(help: "Begin without asking.") var yes = false
    @OptionGroup var location: StateOption
    @Flag(help: "Print the answer as JSON; needs --yes.") var json = false

    func validate() throws {
      guard Self.factor(of: pace) != nil else {
        throw ValidationError("--pace is 'full', 'original', or a factor such as '10x'")
      }
      guard !rules.isEmpty else { throw ValidationError("name a rule: --rule ID") }
      guard yes || !json else { throw ValidationError("--json needs --yes") }
    }

    func run() async throws {
      let wish = try wish
      if !yes {
        let plan = try await location.asking { try await $0.post(["replays", "plan"], body: wish) }
        print(Self.text(plan, pace))
        guard plan["events"] != 0 else { throw ExitCode(1) }
        guard isatty(STDIN_FILENO) != 0 else {
          throw commandFailure("nothing was sent: say --yes, or answer on a terminal", status: 64)
        }
        print("Send them? [y/N] ", terminator: "")
        fflush(nil)
        guard ["y", "yes"].contains(readLine()?.lowercased()) else {
          print("nothing was sent")
          throw ExitCode(1)
        }
      }
      let replay = try await location.asking { try await $0.post(["replays"], body: wish) }
      print(json ? replay.json : "replay \(replay["replay"]?.string ?? "") has begun")
    }

    /// The wish as the host reads it.
    private var wish: [UInt8] {
      get throws {
        var members: [JSONValue.Member] = [
          .init("from", .string(try Self.place(from))), .init("rules", .array(rules.map { .string($0) })),
        ]
        if let to { members.append(.init("to", .string(try Self.place(to)))) }
        if let type { members.append(.init("type", .string(type))) }
        if let condition { members.append(.init("where", .string(condition))) }
        if let factor = Self.factor(of: pace), factor > 0 {
          members.append(.init("pace", .number("\(factor)")))
        }
        return Array(JSONValue.object(members).json.utf8)
      }
    }

    /// A position, or an instant.
    private static func place(_ text: String) throws -> String {
      if let number = Int64(text), number > 0 { return text }
      return try PastInstant.of(text).rfc3339
    }

    /// How many times faster; 0 for full speed, nil for what is no pace.
    static func factor(of pace: String) -> Double? {
      switch pace {
      case "full": return 0
      case "original": return 1
      default:
        let text = pace.hasSuffix("x") || pace.hasSuffix("×") ? pace.dropLast() : pace[...]
        guard let factor = Double(text), factor > 0, factor.isFinite else { return nil }
        return factor
      }
    }

    private static func text(_ plan: JSONValue, _ pace: String) -> String {
      let span = "the events \(plan["from"]?.json ?? "") to \(plan["to"]?.json ?? "")"
      guard let count = plan["events"]?.int, count > 0, case .array(let rules)? = plan["rules"] else {
        return "none of \(span) would do anything"
      }
      let rows = rules.flatMap { rule -> [[String]] in
        guard case .array(let actions)? = rule["actions"] else { return [] }
        return actions.map { action in
          [
            rule["rule"]?.string, rule["events"]?.json, action["step"]?.string, action["does"]?.string,
            action["effects"]?.string,
          ].map { TerminalText.escaped($0 ?? "") }
        }
      }
      let table = Table.text(header: ["RULE", "EVENTS", "STEP", "DOES", "EFFECTS"], rows: rows)
      let speed =
        pace == "full" ? "at full speed" : pace == "original" ? "at the original pace" : "at pace \(pace)"
      return "\(count) of \(span) will be sent again, \(speed):\n\n\(table)\n"
    }
  }

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List the replays that are under way.")

    @OptionGroup var location: StateOption
    @Flag(help: "Print each replay as JSON on a line.") var json = false

    func run() async throws {
      let answer = try await location.asking { try await $0.ask(["replays"]) }
      guard case .array(let replays) = answer else { return }
      if json { return replays.forEach { print($0.json) } }
      guard !replays.isEmpty else { return print("no replay is under way") }
      let names = ["replay", "from", "to", "next", "events", "rules", "pace"]
      print(
        Table.text(
          header: names.map { $0.uppercased() },
          rows: replays.map { replay in
            names.map { name in
              guard case .array(let list)? = replay[name] else {
                return TerminalText.escaped(replay[name].map { $0.string ?? $0.json } ?? "")
              }
              return TerminalText.escaped(list.compactMap(\.string).joined(separator: ", "))
            }
          }
        )
      )
    }
  }

  struct Cancel: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "End a replay.",
      discussion: "What it has sent stays; runs that it has made go on (earshot runs cancel)."
    )

    @Argument(help: "The replay's id.") var replay: String
    @OptionGroup var location: StateOption

    func run() async throws {
      _ = try await location.asking { try await $0.post(["replays", replay, "cancel"]) }
      print("replay \(replay) is cancelled")
    }
  }
}
