// SPDX-License-Identifier: Apache-2.0

/// Reads `root(.name | [number] | ["text"])*`.
struct PathParser {
  private let bytes: [UInt8]
  private var offset = 0

  init(_ text: String) { bytes = Array(text.utf8) }

  mutating func path() throws(ExpressionError) -> (Path.Root, [Path.Accessor]) {
    skipBlanks()
    let start = offset
    guard let word = name() else { throw unexpected("a path such as event.data.name was expected") }
    guard let root = Path.Root(rawValue: word) else {
      throw ExpressionError(
        .root,
        "'\(word)' names nothing here",
        at: start..<offset,
        help: "a path begins with event, env or steps"
      )
    }
    var accessors: [Path.Accessor] = []
    while let accessor = try accessor() { accessors.append(accessor) }
    skipBlanks()
    guard offset == bytes.count else { throw unexpected("only paths are understood in this version") }
    return (root, accessors)
  }

  private mutating func accessor() throws(ExpressionError) -> Path.Accessor? {
    guard offset < bytes.count else { return nil }
    switch bytes[offset] {
    case UInt8(ascii: "."):
      offset += 1
      guard let name = name() else { throw unexpected("a name was expected after the dot") }
      return .member(name)
    case UInt8(ascii: "["):
      offset += 1
      let accessor = try index()
      guard offset < bytes.count, bytes[offset] == UInt8(ascii: "]") else {
        throw unexpected("] was expected")
      }
      offset += 1
      return accessor
    default: return nil
    }
  }

  private mutating func index() throws(ExpressionError) -> Path.Accessor {
    guard offset < bytes.count else { throw unexpected("a number or a text was expected") }
    let start = offset
    let first = bytes[offset]
    if first == UInt8(ascii: "\"") || first == UInt8(ascii: "'") {
      offset += 1
      guard let end = bytes[offset...].firstIndex(of: first),
        !bytes[offset..<end].contains(UInt8(ascii: "\\"))
      else { throw unexpected("a closing quote was expected, and no backslash before it") }
      defer { offset = end + 1 }
      return .member(String(decoding: bytes[offset..<end], as: UTF8.self))
    }
    while offset < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[offset]) {
      offset += 1
    }
    guard let number = Int(String(decoding: bytes[start..<offset], as: UTF8.self)) else {
      throw unexpected("a number or a text was expected")
    }
    return .element(number)
  }

  private mutating func name() -> String? {
    let start = offset
    while offset < bytes.count, Self.isNameByte(bytes[offset], isFirst: offset == start) { offset += 1 }
    return offset > start ? String(decoding: bytes[start..<offset], as: UTF8.self) : nil
  }

  private static func isNameByte(_ byte: UInt8, isFirst: Bool) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"): true
    case UInt8(ascii: "0")...UInt8(ascii: "9"): !isFirst
    default: false
    }
  }

  private mutating func skipBlanks() {
    while offset < bytes.count, [0x20, 0x09, 0x0A].contains(bytes[offset]) { offset += 1 }
  }

  private func unexpected(_ message: String) -> ExpressionError {
    ExpressionError(
      .syntax,
      message,
      at: min(offset, bytes.count)..<min(offset + 1, bytes.count + 1),
      help: "write for example ${{ event.data.name }}"
    )
  }
}
