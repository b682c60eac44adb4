// SPDX-License-Identifier: Apache-2.0

/// The rules of the `.gitignore` and `.ignore` of one folder.
struct IgnoreFile: Sendable, Hashable {
  /// The names of files that hold such rules; the later one wins.
  static let names = [Array(".gitignore".utf8), Array(".ignore".utf8)]

  private struct Rule: Sendable, Hashable {
    let glob: Glob
    let isNegated: Bool
    let isForDirectories: Bool
    /// Whether the glob is over the path from the folder, not over the name alone.
    let isAnchored: Bool
  }

  private let rules: [Rule]

  var isEmpty: Bool { rules.isEmpty }

  /// Reads the rules; a line that is no pattern is passed over, as git does.
  init(_ texts: [[UInt8]]) {
    var rules: [Rule] = []
    for text in texts {
      for line in text.split(whereSeparator: { $0 == 0x0A }) {
        if let rule = Self.rule(String(decoding: line, as: UTF8.self)) { rules.append(rule) }
      }
    }
    self.rules = rules
  }

  /// Whether the folder's rules ignore a path below it; nil when they say nothing.
  func verdict(_ path: ArraySlice<UInt8>, isDirectory: Bool) -> Bool? {
    let nameStart = path.lastIndex(of: 0x2F).map { $0 + 1 } ?? path.startIndex
    for rule in rules.reversed() where isDirectory || !rule.isForDirectories {
      if rule.glob.matches(rule.isAnchored ? path : path[nameStart...]) { return !rule.isNegated }
    }
    return nil
  }

  private static func rule(_ line: String) -> Rule? {
    var text = trimmed(Array(line.unicodeScalars))
    guard let first = text.first, first != "#" else { return nil }
    let isNegated = first == "!"
    if isNegated { text.removeFirst() }
    let isForDirectories = text.last == "/"
    if isForDirectories { text.removeLast() }
    let isAnchored = text.contains("/")
    if text.first == "/" { text.removeFirst() }
    guard !text.isEmpty, let glob = try? GlobParser.glob(text) else { return nil }
    return Rule(
      glob: glob,
      isNegated: isNegated,
      isForDirectories: isForDirectories,
      isAnchored: isAnchored
    )
  }

  /// The line without its line end and without spaces at the end that are not escaped.
  private static func trimmed(_ line: [Unicode.Scalar]) -> ArraySlice<Unicode.Scalar> {
    var text = line[...]
    if text.last == "\r" { text.removeLast() }
    while text.last == " " {
      let backslashes = text.dropLast().reversed().prefix { $0 == "\\" }.count
      guard backslashes % 2 == 0 else { break }
      text.removeLast()
    }
    return text
  }
}
