// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Diagnostics
import EarshotHost
import EventModel
import Foundation

/// `earshot query`: asks the views in SQL.
struct Query: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Ask views in SQL.",
    discussion: """
      One SELECT in SQLite's SQL over the tables that `earshot view list` shows; each has the column `key` and those of \
      its definition. A question can read views and nothing else.

        earshot query 'SELECT status, count(*) FROM orders GROUP BY status'
        earshot query --csv 'SELECT * FROM revenue_by_day ORDER BY key' > revenue.csv
        earshot query --consistent-with 4711 "SELECT total FROM orders WHERE key = 'order/7'"

      Exit status 65 when the question is not possible, 69 when the answer takes too long or a view is not at the position.
      """
  )

  @Argument(help: "The question.") var sql: String
  @Option(help: "How many rows at most.") var limit = 1000
  @Option(help: "How long the answer may take, such as 5s.") var timeout = "5s"
  @Option(help: "Wait until the views have seen the event at this position.") var consistentWith: Int64?
  @OptionGroup var location: StateOption
  @Flag(help: "Print each row as a JSON object on a line.") var json = false
  @Flag(help: "Print rows as comma-separated values below their names.") var csv = false

  func validate() throws {
    if json && csv { throw ValidationError("--json and --csv do not go together") }
    if limit < 1 { throw ValidationError("--limit is at least 1") }
    if DurationText.duration(of: timeout) == nil {
      throw ValidationError("'\(timeout)' is not a duration; write for example 500ms, 5s or 1m")
    }
  }

  func run() async throws {
    var members: [JSONValue.Member] = [
      .init("sql", .string(sql)), .init("limit", .number(String(limit))), .init("timeout", .string(timeout)),
    ]
    if let consistentWith { members.append(.init("consistent_with", .number(String(consistentWith)))) }
    let answer = try await location.asking { [members] in try await $0.ask(.object(members)) }
    guard case .array(let columns)? = answer["columns"], case .array(let rows)? = answer["rows"] else {
      return
    }
    let names = columns.map { $0.string ?? "" }
    let values = rows.map { row in if case .array(let values) = row { values } else { [] as [JSONValue] } }
    if json {
      for row in values { print(JSONValue.object(zip(names, row).map { .init($0, $1) }).json) }
    } else if csv {
      let text = CSV.text(names, values)
      print(isatty(STDOUT_FILENO) == 0 ? text : TerminalText.lines(text))
    } else {
      print(
        Table.text(header: names.map { TerminalText.escaped($0) }, rows: values.map { $0.map(RowText.cell) })
      )
    }
    tell(answer, count: rows.count)
  }

  /// Says on standard error what the rows do not.
  private func tell(_ answer: JSONValue, count: Int) {
    if answer["cut"] == true { HostOutput.write("earshot: there are more than these \(count) rows: --limit") }
    guard case .array(let views)? = answer["views"] else { return }
    for view in views {
      guard let lag = view["lag"]?.int, lag > 0 else { continue }
      let name = TerminalText.escaped(view["view"]?.string ?? "")
      HostOutput.write("earshot: '\(name)' is \(lag) events behind the log")
    }
  }
}

/// Comma-separated values (RFC 4180).
enum CSV {
  /// Rows below the names of their columns; null is empty.
  static func text(_ names: [String], _ rows: [[JSONValue]]) -> String {
    ([names] + rows.map { $0.map { $0 == .null ? "" : $0.string ?? $0.json } })
      .map { $0.map(field).joined(separator: ",") }.joined(separator: "\n")
  }

  private static func field(_ text: String) -> String {
    let isPlain = !text.unicodeScalars.contains { "\",\r\n".unicodeScalars.contains($0) }
    return isPlain ? text : "\"\(text.replacing("\"", with: "\"\""))\""
  }
}
