// SPDX-License-Identifier: Apache-2.0

/// Turns diagnostics into text.
public struct DiagnosticRenderer: Sendable {
  /// Whether terminal colours are used.
  public let usesColor: Bool

  /// Makes a renderer.
  public init(usesColor: Bool = false) { self.usesColor = usesColor }

  /// One line that editors and terminals can follow: `file:line:column: severity: message [code]`.
  public func line(_ diagnostic: Diagnostic) -> String {
    head(diagnostic.location, diagnostic.severity.rawValue, diagnostic.message) + " [\(diagnostic.code)]"
  }

  /// The line, the excerpt with a caret, the notes and the help.
  public func picture(_ diagnostic: Diagnostic) -> String {
    let color = diagnostic.severity == .error ? "31" : "33"
    var lines = [
      head(diagnostic.location, paint(diagnostic.severity.rawValue, color), diagnostic.message)
        + " [\(diagnostic.code)]"
    ]
    lines += excerpt(diagnostic.location, color)
    for note in diagnostic.notes {
      lines.append(head(note.location, paint("note", "36"), note.message))
      lines += excerpt(note.location, "36")
    }
    if let help = diagnostic.help { lines.append("\(paint("help", "32")): \(TerminalText.escaped(help))") }
    return lines.joined(separator: "\n")
  }

  private func head(_ location: Diagnostic.Location, _ label: String, _ message: String) -> String {
    let place = location.source.place(of: location.range.lowerBound)
    let name = TerminalText.escaped(location.source.name)
    return "\(name):\(place.line):\(place.column): \(label): \(TerminalText.escaped(message))"
  }

  private func paint(_ text: String, _ color: String) -> String {
    usesColor ? "\u{1B}[1;\(color)m\(text)\u{1B}[0m" : text
  }

  /// The source line and a mark under the range, which ends with its first line.
  private func excerpt(_ location: Diagnostic.Location, _ color: String) -> [String] {
    let source = location.source
    let start = min(location.range.lowerBound, source.bytes.count)
    let number = source.place(of: start).line
    let line = source.line(number)
    let end = min(max(location.range.upperBound, start), line.endIndex)
    let before = shown(line[line.startIndex..<min(start, line.endIndex)])
    let marked = start < end ? TerminalText.width(of: shown(line[start..<end])) : 1
    let label = String(number)
    let gutter = String(repeating: " ", count: label.count + 2) + "| "
    let mark = "^" + String(repeating: "~", count: max(marked, 1) - 1)
    let indent = String(repeating: " ", count: TerminalText.width(of: before))
    return [" \(label) | \(shown(line))", gutter + indent + paint(mark, color)]
  }

  private func shown(_ bytes: ArraySlice<UInt8>) -> String {
    TerminalText.escaped(String(decoding: bytes, as: UTF8.self).replacing("\t", with: "  "))
  }
}
