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
      let hidden = ["history", "branches"] + (full ? [] : ["outputs"])
      for member in members where !hidden.contains(member.key) {
        let text = TerminalText.escaped(member.value.string ?? member.value.json)
        print("\(Table.padded(member.key, to: 9)) \(text)")
      }
      let account = RunAccount(answer)
      let branches = account.branches
      if !branches.isEmpty { print("\n" + Runs.table(branches)) }
      let entries = account.lines
      guard !entries.isEmpty else { return }
      print("")
      if full {
        for line in entries { print(Self.account(line.entry) + "\n") }
      } else {
        let isShadow = answer["shadow"] == true
        print(Self.table(entries, showsRun: !branches.isEmpty, isShadow: isShadow))
      }
    }

    private static func table(_ entries: [RunAccount.Line], showsRun: Bool, isShadow: Bool) -> String {
      let result = isShadow ? "WOULD HAVE DONE" : "RESULT"
      return Table.text(
        header: (showsRun ? ["RUN"] : []) + ["STEP", "ATTEMPT", "BEGAN", "TOOK", "OUTCOME", result],
        rows: entries.map { line in
          let entry = line.entry
          let words = [
            entry["step"]?.string, entry["attempt"]?.json, entry["began"]?.string, took(entry),
            entry["kind"]?.string,
            (RunAccount.detail(entry) ?? (isShadow ? entry["input"]?.json : nil)).map { RunAccount.cut($0) },
          ]
          return (showsRun ? ["\(line.run)"] : []) + words.map { TerminalText.escaped($0 ?? "") }
        }
      )
    }

    private static func account(_ entry: JSONValue) -> String {
      let head = "\(entry["step"]?.string ?? ""), attempt \(entry["attempt"]?.json ?? "")"
      let lines = [
        "\(head): \(entry["kind"]?.string ?? "") after \(took(entry)), began \(entry["began"]?.string ?? "")",
        entry["input"].map { "  given   " + $0.json }, RunAccount.detail(entry).map { "  result  " + $0 },
      ]
      return lines.compactMap { $0 }.map { TerminalText.escaped($0) }.joined(separator: "\n")
    }

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
