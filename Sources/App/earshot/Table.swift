// SPDX-License-Identifier: Apache-2.0

import Diagnostics

/// Columns of text for people.
enum Table {
  /// Rows below a header, each column as wide as its widest cell.
  static func text(header: [String], rows: [[String]]) -> String {
    let all = [header] + rows
    let widths = header.indices.map { column in all.map { TerminalText.width(of: $0[column]) }.max() ?? 0 }
    return all.map { row in
      let line = zip(row, widths).map { padded($0, to: $1) }.joined(separator: "  ")
      return String(line.reversed().drop { $0 == " " }.reversed())
    }.joined(separator: "\n")
  }

  /// A text with blanks after it.
  static func padded(_ text: String, to width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - TerminalText.width(of: text)))
  }
}
