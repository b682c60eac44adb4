// SPDX-License-Identifier: Apache-2.0

/// The regex extension (cel-go, ext/regex.go).
extension FunctionTable {
  static let regexes: [Function] = [
    .global("regex.replace", [.string, .string, .string], .string, replace),
    .global("regex.replace", [.string, .string, .string, .int], .string, replace),
    .global("regex.extract", [.string, .string], .optional(.string)) { (values) throws(EvaluationError) in
      let (text, regex) = try operands("regex.extract", values)
      guard let match = regex.find(in: text, from: 0) else { return .optional(.none) }
      return .optional(OptionalValue(match[match.count - 1].map { .string(text[$0]) }))
    },
    .global("regex.extractAll", [.string, .string], .list(.string)) { (values) throws(EvaluationError) in
      let (text, regex) = try operands("regex.extractAll", values)
      var found: [Value] = []
      forEachMatch(of: regex, in: text) { groups in
        if let group = groups[groups.count - 1] { found.append(.string(text[group])) }
        return true
      }
      return .list(found)
    },
  ]

  /// A text and an expression with one group at most.
  private static func operands(
    _ name: String,
    _ values: [Value]
  ) throws(EvaluationError) -> (text: Text, regex: RegularExpression) {
    let arguments = Arguments(name, values)
    let regex = try RegularExpression(try arguments.text(1))
    guard regex.groups <= 1 else {
      throw EvaluationError(.argument, "'\(name)' takes one group in parentheses")
    }
    return (try arguments.text(0), regex)
  }

  /// Calls `body` with each match that begins after the one before it ends, until it returns false.
  private static func forEachMatch(
    of regex: RegularExpression,
    in text: Text,
    _ body: ([Range<Int>?]) -> Bool
  ) {
    var offset = 0
    while offset <= text.count, let groups = regex.find(in: text, from: offset), let match = groups[0] {
      guard body(groups) else { return }
      offset =
        match.isEmpty
        ? (match.upperBound < text.count
          ? text.offset(ofCodePoint: 1, from: match.upperBound) : text.count + 1) : match.upperBound
    }
  }

  @Sendable
  private static func replace(_ values: [Value]) throws(EvaluationError) -> Value {
    let arguments = Arguments("regex.replace", values)
    let text = try arguments.text(0)
    let regex = try RegularExpression(try arguments.text(1))
    let parts = try replacement(try arguments.text(2), groups: regex.groups)
    var left = arguments.count > 3 ? try arguments.int(3) : -1
    var result: [UInt8] = []
    var copied = 0
    if left != 0 {
      forEachMatch(of: regex, in: text) { groups in
        guard let match = groups[0] else { return false }
        result += text[copied..<match.lowerBound].slice
        for part in parts {
          switch part {
          case .text(let bytes): result += bytes
          case .group(let number): if let group = groups[number] { result += text[group].slice }
          }
        }
        copied = match.upperBound
        left -= 1
        return left != 0
      }
    }
    return .string(Text(result + text[copied..<text.count].slice))
  }

  private enum Part {
    case text([UInt8])
    case group(Int)
  }

  /// A replacement in which `\1` to `\9` stand for groups and `\\` for a backslash.
  private static func replacement(_ text: Text, groups: Int) throws(EvaluationError) -> [Part] {
    var parts: [Part] = []
    var literal: [UInt8] = []
    var rest = text.slice
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "\\") else {
        literal.append(byte)
        continue
      }
      guard let next = rest.popFirst() else {
        throw EvaluationError(.argument, "the replacement ends after '\\'")
      }
      if next == byte {
        literal.append(byte)
      } else if Lexer.isDigit(next), Int(next & 0xF) <= groups {
        parts += [.text(literal), .group(Int(next & 0xF))]
        literal = []
      } else {
        throw EvaluationError(.argument, "the replacement names a group that does not exist")
      }
    }
    return parts + [.text(literal)]
  }
}
