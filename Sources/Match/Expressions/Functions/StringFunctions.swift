// SPDX-License-Identifier: Apache-2.0

/// The strings extension (cel-spec, doc/extensions/strings.md); places count code points.
extension FunctionTable {
  static let strings: [Function] = [
    string("charAt", [.int], .string) { (arguments) throws(EvaluationError) in
      let text = try arguments.text(0)
      let start = try offset(of: try arguments.int(1), in: text)
      let end = text.count == start ? start : text.offset(ofCodePoint: 1, from: start)
      return .string(text[start..<end])
    },
    string("indexOf", [.string], .int, firstIndex), string("indexOf", [.string, .int], .int, firstIndex),
    string("lastIndexOf", [.string], .int, lastIndex),
    string("lastIndexOf", [.string, .int], .int, lastIndex),
    string("lowerAscii", [], .string) { (arguments) throws(EvaluationError) in
      mapped(try arguments.text(0)) { (0x41...0x5A).contains($0) ? $0 + 0x20 : $0 }
    },
    string("upperAscii", [], .string) { (arguments) throws(EvaluationError) in
      mapped(try arguments.text(0)) { (0x61...0x7A).contains($0) ? $0 - 0x20 : $0 }
    },
    string("replace", [.string, .string], .string, replaced),
    string("replace", [.string, .string, .int], .string, replaced),
    string("split", [.string], .list(.string), split),
    string("split", [.string, .int], .list(.string), split),
    string("substring", [.int], .string, substring), string("substring", [.int, .int], .string, substring),
    string("trim", [], .string) { (arguments) throws(EvaluationError) in
      .string(trimmed(try arguments.text(0)))
    },
    .global("strings.quote", [.string], .string) { (values) throws(EvaluationError) in
      .text(quoted(try Arguments("strings.quote", values).text(0)))
    },
    .method("join", [.list(.string)], .string) { (values) throws(EvaluationError) in
      try joined(Arguments("join", values))
    },
    .method("join", [.list(.string), .string], .string) { (values) throws(EvaluationError) in
      try joined(Arguments("join", values))
    },
    .unary("reverse", [.init([.string], .string), .init([.list(element)], .list(element))], isMember: true) {
      (value) throws(EvaluationError) in
      if case .string(let text) = value {
        return .text(String(String.UnicodeScalarView(text.string.unicodeScalars.reversed())))
      }
      guard let elements = value.listElements else { throw .noOverload("reverse", value) }
      return .list(elements.reversed())
    },
  ]

  private static let element = ExpressionType.parameter("T")

  private static func string(
    _ name: String,
    _ parameters: [ExpressionType],
    _ result: ExpressionType,
    _ body: @escaping @Sendable (Arguments) throws(EvaluationError) -> Value
  ) -> Function {
    .method(name, [.string] + parameters, result) { (values) throws(EvaluationError) in
      try body(Arguments(name, values))
    }
  }

  /// The offset of a code point, which may be the end of the text.
  private static func offset(of place: Int, in text: Text) throws(EvaluationError) -> Int {
    guard place >= 0, let offset = text.offset(ofCodePoint: place) else {
      throw EvaluationError(.argument, "the text has no place \(place)")
    }
    return offset
  }

  @Sendable
  private static func firstIndex(_ arguments: Arguments) throws(EvaluationError) -> Value {
    let text = try arguments.text(0)
    let wanted = try arguments.text(1)
    let start = arguments.count > 2 ? try offset(of: try arguments.int(2), in: text) : 0
    return place(text.firstOffset(of: wanted, from: start), in: text)
  }

  @Sendable
  private static func lastIndex(_ arguments: Arguments) throws(EvaluationError) -> Value {
    let text = try arguments.text(0)
    let wanted = try arguments.text(1)
    let start = arguments.count > 2 ? try offset(of: try arguments.int(2), in: text) : text.count
    return place(text.lastOffset(of: wanted, from: start), in: text)
  }

  private static func place(_ offset: Int?, in text: Text) -> Value {
    .int(offset.map { Int64(text[0..<$0].codePoints) } ?? -1)
  }

  private static func mapped(_ text: Text, _ change: (UInt8) -> UInt8) -> Value {
    .string(Text(text.slice.map(change)))
  }

  @Sendable
  private static func replaced(_ arguments: Arguments) throws(EvaluationError) -> Value {
    let (text, wanted, other) = (try arguments.text(0), try arguments.text(1), try arguments.text(2))
    var left = arguments.count > 3 ? try arguments.int(3) : -1
    var result: [UInt8] = []
    var offset = 0
    while left != 0, let found = text.firstOffset(of: wanted, from: offset) {
      left -= 1
      result += text[offset..<found].slice
      result += other.slice
      offset = found + wanted.count
      // An empty text is found before each code point and at the end.
      guard wanted.isEmpty else { continue }
      if offset == text.count { break }
      let next = text.offset(ofCodePoint: 1, from: offset)
      result += text[offset..<next].slice
      offset = next
    }
    return .string(Text(result + text[offset..<text.count].slice))
  }

  @Sendable
  private static func split(_ arguments: Arguments) throws(EvaluationError) -> Value {
    let (text, separator) = (try arguments.text(0), try arguments.text(1))
    let limit = arguments.count > 2 ? try arguments.int(2) : -1
    if limit == 0 { return .list([]) }
    var parts: [Value] = []
    var offset = 0
    while limit < 0 || parts.count < limit - 1 {
      let found: Int?
      if separator.isEmpty {
        let next = offset < text.count ? text.offset(ofCodePoint: 1, from: offset) : text.count
        found = next < text.count ? next : nil
      } else {
        found = text.firstOffset(of: separator, from: offset)
      }
      guard let found else { break }
      parts.append(.string(text[offset..<found]))
      offset = found + separator.count
    }
    if separator.isEmpty, text.isEmpty { return .list(parts) }
    return .list(parts + [.string(text[offset..<text.count])])
  }

  @Sendable
  private static func substring(_ arguments: Arguments) throws(EvaluationError) -> Value {
    let text = try arguments.text(0)
    let start = try offset(of: try arguments.int(1), in: text)
    let end = arguments.count > 2 ? try offset(of: try arguments.int(2), in: text) : text.count
    guard start <= end else { throw EvaluationError(.argument, "the end lies before the beginning") }
    return .string(text[start..<end])
  }

  /// White space in the sense of Unicode.
  private static func trimmed(_ text: Text) -> Text {
    let scalars = text.string.unicodeScalars
    let start = scalars.prefix { $0.properties.isWhitespace }.reduce(0) { $0 + $1.utf8.count }
    if start == text.count { return text[0..<0] }
    let end = scalars.reversed().prefix { $0.properties.isWhitespace }.reduce(0) { $0 + $1.utf8.count }
    return text[start..<text.count - end]
  }

  private static let escapes: [Unicode.Scalar: String] = [
    "\u{7}": "\\a", "\u{8}": "\\b", "\u{C}": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\u{B}": "\\v",
    "\\": "\\\\", "\"": "\\\"",
  ]

  private static func quoted(_ text: Text) -> String {
    "\"" + text.string.unicodeScalars.map { escapes[$0] ?? String($0) }.joined() + "\""
  }

  private static func joined(_ arguments: Arguments) throws(EvaluationError) -> Value {
    let separator = arguments.count > 1 ? try arguments.text(1) : Text("")
    var result: [UInt8] = []
    for (number, part) in try arguments.list(0).enumerated() {
      guard case .string(let text) = part else { throw .noOverload("join", part) }
      if number > 0 { result += separator.slice }
      result += text.slice
    }
    return .string(Text(result))
  }
}
