// SPDX-License-Identifier: Apache-2.0

extension JSONTape {
  /// Scans `text` as strict RFC 8259 JSON in UTF-8 and replaces the tape's content.
  ///
  /// Iterative: nesting costs no stack. Linear in the length of the text. After an error the tape's content
  /// is unspecified until the next scan.
  ///
  /// - Throws: `JSONError` with the offset of the first offending byte.
  public mutating func scan(_ text: Span<UInt8>, limits: JSONLimits = .event) throws(JSONError) {
    nodes.removeAll(keepingCapacity: true)
    open.removeAll(keepingCapacity: true)
    hasDottedKeys = false
    guard text.count <= limits.maximumBytes else {
      throw JSONError(.tooLarge, at: limits.maximumBytes, "the text exceeds \(limits.maximumBytes) bytes")
    }
    var offset = JSONLexer.skipSpace(text, 0)
    try scanValue(text, &offset, limits)
    while let container = open.last {
      offset = JSONLexer.skipSpace(text, offset)
      try scanNext(in: Int(container), text, &offset, limits)
    }
    offset = JSONLexer.skipSpace(text, offset)
    guard offset == text.count else {
      throw JSONError(.trailingData, at: offset, "nothing may follow the value")
    }
  }

  /// Continues after a complete member or element: either with a comma and the next one, or with the end.
  private mutating func scanNext(
    in container: Int,
    _ text: Span<UInt8>,
    _ offset: inout Int,
    _ limits: JSONLimits
  ) throws(JSONError) {
    let isObject = nodes[container].kind == .object
    guard offset < text.count else {
      throw JSONLexer.endOfText(text, isObject ? "',' or '}'" : "',' or ']'")
    }
    let byte = text[unchecked: offset]
    if byte == UInt8(ascii: ",") {
      offset = JSONLexer.skipSpace(text, offset + 1)
      if isObject { try scanKey(text, &offset) }
      try scanValue(text, &offset, limits)
    } else if byte == (isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) {
      offset += 1
      try close(container, at: offset, text, limits)
    } else {
      throw JSONError(.syntax, at: offset, isObject ? "expected ',' or '}'" : "expected ',' or ']'")
    }
  }

  private mutating func close(
    _ container: Int,
    at offset: Int,
    _ text: Span<UInt8>,
    _ limits: JSONLimits
  ) throws(JSONError) {
    nodes[container].length = UInt32(offset) - nodes[container].start
    nodes[container].end = UInt32(nodes.count)
    open.removeLast()
    if nodes[container].kind == .object && !limits.allowsDuplicateKeys {
      if let duplicate = duplicateKey(of: container, in: text) {
        throw JSONError(.duplicateKey, at: rawRange(duplicate).lowerBound, "an object may not repeat a key")
      }
    }
  }

  private mutating func scanKey(_ text: Span<UInt8>, _ offset: inout Int) throws(JSONError) {
    guard offset < text.count else { throw JSONLexer.endOfText(text, "a key") }
    guard text[unchecked: offset] == UInt8(ascii: "\"") else {
      throw JSONError(.syntax, at: offset, "expected a key in double quotes")
    }
    try scanString(text, &offset)
    noteKey(text)
    offset = JSONLexer.skipSpace(text, offset)
    guard offset < text.count else { throw JSONLexer.endOfText(text, "':'") }
    guard text[unchecked: offset] == UInt8(ascii: ":") else {
      throw JSONError(.syntax, at: offset, "expected ':' after the key")
    }
    offset = JSONLexer.skipSpace(text, offset + 1)
  }

  /// Looks for a dot in the key that was scanned last.
  @inline(__always)
  private mutating func noteKey(_ text: Span<UInt8>) {
    if hasDottedKeys { return }
    let key = nodes[nodes.count - 1]
    if key.isMarked {
      hasDottedKeys = true
      return
    }
    for offset in Int(key.start)..<Int(key.start + key.length)
    where text[unchecked: offset] == UInt8(ascii: ".") {
      hasDottedKeys = true
    }
  }

  private mutating func scanString(_ text: Span<UInt8>, _ offset: inout Int) throws(JSONError) {
    let start = offset + 1
    let string = try JSONLexer.string(text, start)
    nodes.append(
      Node(
        start: start,
        length: string.end - start,
        end: nodes.count + 1,
        kind: .string,
        isMarked: string.isEscaped
      )
    )
    offset = string.end + 1
  }

  /// Scans a scalar, or opens a container and scans up to the end of its first scalar.
  private mutating func scanValue(
    _ text: Span<UInt8>,
    _ offset: inout Int,
    _ limits: JSONLimits
  ) throws(JSONError) {
    while true {
      guard offset < text.count else { throw JSONLexer.endOfText(text, "a value") }
      switch text[unchecked: offset] {
      case UInt8(ascii: "\""):
        return try scanString(text, &offset)
      case UInt8(ascii: "{"):
        if try openContainer(.object, text, &offset, limits) { return }
        try scanKey(text, &offset)
      case UInt8(ascii: "["):
        if try openContainer(.array, text, &offset, limits) { return }
      case UInt8(ascii: "t"): return try scanLiteral("true", .true, text, &offset)
      case UInt8(ascii: "f"): return try scanLiteral("false", .false, text, &offset)
      case UInt8(ascii: "n"): return try scanLiteral("null", .null, text, &offset)
      case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
        let number = try JSONLexer.number(text, offset)
        nodes.append(
          Node(
            start: offset,
            length: number.end - offset,
            end: nodes.count + 1,
            kind: .number,
            isMarked: number.isFractional
          )
        )
        offset = number.end
        return
      default:
        throw JSONError(.syntax, at: offset, "expected a value")
      }
    }
  }

  /// Opens a container; true when it is empty and so closed again.
  private mutating func openContainer(
    _ kind: Kind,
    _ text: Span<UInt8>,
    _ offset: inout Int,
    _ limits: JSONLimits
  ) throws(JSONError) -> Bool {
    guard open.count < limits.maximumDepth else {
      throw JSONError(.tooDeep, at: offset, "objects and arrays nest deeper than \(limits.maximumDepth)")
    }
    let start = offset
    let closing = kind == .object ? UInt8(ascii: "}") : UInt8(ascii: "]")
    offset = JSONLexer.skipSpace(text, offset + 1)
    if offset < text.count && text[unchecked: offset] == closing {
      offset += 1
      nodes.append(
        Node(start: start, length: offset - start, end: nodes.count + 1, kind: kind, isMarked: false)
      )
      return true
    }
    open.append(UInt32(nodes.count))
    nodes.append(Node(start: start, length: 0, end: 0, kind: kind, isMarked: false))
    return false
  }

  private mutating func scanLiteral(
    _ word: StaticString,
    _ kind: Kind,
    _ text: Span<UInt8>,
    _ offset: inout Int
  ) throws(JSONError) {
    let length = word.utf8CodeUnitCount
    for index in 0..<length {
      guard offset + index < text.count else { throw JSONLexer.endOfText(text, "'\(word)'") }
      guard text[unchecked: offset + index] == word.utf8Start[index] else {
        throw JSONError(.syntax, at: offset + index, "expected '\(word)'")
      }
    }
    nodes.append(Node(start: offset, length: length, end: nodes.count + 1, kind: kind, isMarked: false))
    offset += length
  }
}
