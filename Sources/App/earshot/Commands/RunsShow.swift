// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Diagnostics
import EarshotHost
import EventModel

extension Runs {
  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show one run: how it stands, and what came to pass step by step.",
      discussion: "With --full, inputs and outputs are printed whole."
    )

    @Argument(help: "The run's number.") var run: Int64
    @Flag(help: "Print inputs and outputs whole, one below the other.") var full = false
    @OptionGroup var location: StateOption
    @Flag(help: "Print the run as JSON.") var json = false

    func run() async throws {
      let answer = try await location.asking { try await $0.query(["runs", String(self.run)]) }
      guard !json, case .object(let members) = answer else { return print(answer.json) }
      for member in members where member.key != "history" && (full || member.key != "outputs") {
        let text = TerminalText.escaped(member.value.string ?? member.value.json)
        print("\(Table.padded(member.key, to: 9)) \(text)")
      }
      guard case .array(let entries)? = answer["history"] else { return }
      print("")
      if full {
        for entry in entries { print(Self.account(entry) + "\n") }
      } else {
        print(Self.table(entries))
      }
    }

    private static func table(_ entries: [JSONValue]) -> String {
      Table.text(
        header: ["STEP", "ATTEMPT", "BEGAN", "TOOK", "OUTCOME", "RESULT"],
        rows: entries.map { entry in
          [
            entry["step"]?.string, entry["attempt"]?.json, entry["began"]?.string, took(entry),
            entry["kind"]?.string, detail(entry).map { cut($0) },
          ].map { TerminalText.escaped($0 ?? "") }
        }
      )
    }

    private static func account(_ entry: JSONValue) -> String {
      let head = "\(entry["step"]?.string ?? ""), attempt \(entry["attempt"]?.json ?? "")"
      let lines = [
        "\(head): \(entry["kind"]?.string ?? "") after \(took(entry)), began \(entry["began"]?.string ?? "")",
        entry["input"].map { "  given   " + $0.json }, detail(entry).map { "  result  " + $0 },
      ]
      return lines.compactMap { $0 }.map { TerminalText.escaped($0) }.joined(separator: "\n")
    }

    private static func detail(_ entry: JSONValue) -> String? {
      entry["failure"]?.string ?? entry["result"]?.json
    }

    private static func cut(_ text: String) -> String { text.count > 60 ? text.prefix(57) + "…" : text }

    /// The time between the beginning and the end.
    private static func took(_ entry: JSONValue) -> String {
      guard let began = entry["began"]?.string.flatMap(Timestamp.init(rfc3339:)),
        let ended = entry["ended"]?.string.flatMap(Timestamp.init(rfc3339:))
      else { return "" }
      let milliseconds = (ended - began) / .milliseconds(1)
      return milliseconds < 1000
        ? "\(Int(milliseconds.rounded())) ms" : "\((milliseconds / 100).rounded() / 10) s"
    }
  }
}
