// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Dispatching
import EventModel

/// A report of a backtest for people.
struct BacktestText {
  private let report: BacktestReport
  private let before: String
  private let after: String

  init(_ report: BacktestReport, before: String, after: String) {
    self.report = report
    self.before = before
    self.after = after
  }

  /// The report: what was compared, a row for each rule, and examples of differences.
  var text: String {
    var parts = [head]
    if !report.lines.isEmpty { parts.append(table) }
    parts += report.lines.filter { !$0.isSame }.map(details)
    parts.append(summary)
    return parts.joined(separator: "\n\n")
  }

  private var head: String {
    let span = report.span.map { " (positions \($0.first) to \($0.last))" } ?? ""
    return """
      before  \(TerminalText.escaped(before))
      after   \(TerminalText.escaped(after))
      \(report.events) events\(span), and time until \(report.end.rfc3339)
      """
  }

  private var table: String {
    let rows = report.lines.map { line in
      [
        TerminalText.escaped(line.rule), line.exists.before ? "\(line.firings.before)" : "-",
        line.exists.after ? "\(line.firings.after)" : "-",
      ] + BacktestReport.Kind.allCases.map { "\(line.differences[$0] ?? 0)" }
    }
    return Table.text(header: ["RULE", "BEFORE", "AFTER", "GAINED", "LOST", "CHANGED"], rows: rows)
  }

  private var summary: String {
    let differing = report.lines.count { !$0.isSame }
    guard differing > 0 else { return "no difference" }
    return differing == 1 ? "1 rule differs" : "\(differing) rules differ"
  }

  private func details(_ line: BacktestReport.Line) -> String {
    var lines = [TerminalText.escaped(line.rule)]
    if line.failures.before != line.failures.after {
      lines.append(
        "  its condition or a key had no value \(Self.times(line.failures.before)) before, \(Self.times(line.failures.after)) after"
      )
    }
    for example in line.examples { lines += Self.lines(example) }
    return lines.joined(separator: "\n")
  }

  private static func times(_ count: Int) -> String { count == 1 ? "once" : "\(count) times" }

  private static func lines(_ example: BacktestReport.Example) -> [String] {
    let events = example.events.prefix(5).map { event in
      "\(event.position)\(event.isMade ? " →" : "") \(TerminalText.escaped(event.type))"
    }
    let more = example.events.count > 5 ? " and \(example.events.count - 5) more" : ""
    let head = "  \(Table.padded(example.kind.rawValue, to: 7))  \(events.joined(separator: ", "))\(more)"
    guard let before = example.before, let after = example.after else {
      let conduct = example.before ?? example.after
      return [head] + (conduct.map { lines($0, "      ") } ?? [])
    }
    return [head, "    before"] + lines(before, "      ") + ["    after"] + lines(after, "      ")
  }

  private static func lines(_ conduct: BacktestReport.Conduct, _ indent: String) -> [String] {
    let late = conduct.delay > .zero ? [indent + "fired after \(DurationText.text(of: conduct.delay))"] : []
    let deeds = conduct.deeds.map { deed in
      let time = deed.offset > .zero ? " after \(DurationText.text(of: deed.offset))" : ""
      return indent + TerminalText.escaped("\(deed.kind) \(deed.step)\(time): \(short(deed.value.json))")
    }
    let more = conduct.omitted > 0 ? [indent + "and \(conduct.omitted) more"] : []
    return late + deeds + more + [indent + "run \(conduct.state)"]
  }

  private static func short(_ text: String) -> String { text.count <= 200 ? text : text.prefix(199) + "…" }
}
