// SPDX-License-Identifier: Apache-2.0

/// The grammar of URI references (RFC 3986, appendix A), as a check without a parse result.
enum URIReference {
  /// Whether the text is a URI reference; with `isAbsolute` it must begin with a scheme.
  static func isValid(_ text: Span<UInt8>, isAbsolute: Bool = false) -> Bool {
    var offset = 0
    if let end = schemeEnd(text) {
      guard isScheme(text, end) else { return false }
      offset = end + 1
    } else if isAbsolute {
      return false
    }
    if offset + 1 < text.count, text[offset] == UInt8(ascii: "/"), text[offset + 1] == UInt8(ascii: "/") {
      guard let end = authorityEnd(text, offset + 2) else { return false }
      offset = end
    }
    return isPathAndMore(text, offset)
  }

  /// The offset of a colon that comes before any of `/?#`: what is before it must be a scheme.
  private static func schemeEnd(_ text: Span<UInt8>) -> Int? {
    for offset in 0..<text.count {
      switch text[unchecked: offset] {
      case UInt8(ascii: ":"): return offset
      case UInt8(ascii: "/"), UInt8(ascii: "?"), UInt8(ascii: "#"): return nil
      default: continue
      }
    }
    return nil
  }

  private static func isScheme(_ text: Span<UInt8>, _ end: Int) -> Bool {
    for offset in 0..<end {
      let byte = text[unchecked: offset]
      let letter = byte | 0x20
      if letter >= UInt8(ascii: "a") && letter <= UInt8(ascii: "z") { continue }
      let isOther =
        JSONLexer.isDigit(byte) || byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-")
        || byte == UInt8(ascii: ".")
      guard offset > 0, isOther else { return false }
    }
    return end > 0
  }

  /// Checks `[userinfo@]host[:port]` from `start` on and returns where it ends.
  private static func authorityEnd(_ text: Span<UInt8>, _ start: Int) -> Int? {
    var end = start
    var host = start
    while end < text.count, !isDelimiter(text[end]) {
      if text[end] == UInt8(ascii: "@") { host = end + 1 }
      end += 1
    }
    guard isRun(text, start..<max(start, host - 1), extra: ":") else { return nil }
    var port = host
    if host < end && text[host] == UInt8(ascii: "[") {
      guard let close = (host..<end).first(where: { text[$0] == UInt8(ascii: "]") }), close > host + 1,
        isRun(text, host + 1..<close, extra: ":")
      else { return nil }
      port = close + 1
    } else {
      while port < end && text[port] != UInt8(ascii: ":") { port += 1 }
      guard isRun(text, host..<port, extra: "-") else { return nil }
    }
    guard port < end else { return end }
    guard text[port] == UInt8(ascii: ":") else { return nil }
    return (port + 1..<end).allSatisfy { JSONLexer.isDigit(text[$0]) } ? end : nil
  }

  private static func isDelimiter(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "/") || byte == UInt8(ascii: "?") || byte == UInt8(ascii: "#")
  }

  private static func isPathAndMore(_ text: Span<UInt8>, _ start: Int) -> Bool {
    var offset = start
    var hasFragment = false
    while offset < text.count {
      let byte = text[unchecked: offset]
      if byte == UInt8(ascii: "#") {
        guard !hasFragment else { return false }
        hasFragment = true
      } else if !isDelimiter(byte) && byte != UInt8(ascii: "@") && byte != UInt8(ascii: ":") {
        guard isPlain(text, &offset) else { return false }
        continue
      }
      offset += 1
    }
    return true
  }

  private static func isRun(_ text: Span<UInt8>, _ range: Range<Int>, extra: Unicode.Scalar) -> Bool {
    var offset = range.lowerBound
    while offset < range.upperBound {
      if text[offset] == UInt8(ascii: extra) {
        offset += 1
      } else if !isPlain(text, &offset) {
        return false
      }
    }
    return true
  }

  /// Passes one unreserved character, sub-delimiter or percent-encoded byte.
  private static func isPlain(_ text: Span<UInt8>, _ offset: inout Int) -> Bool {
    let byte = text[offset]
    if byte == UInt8(ascii: "%") {
      guard offset + 2 < text.count, isHex(text[offset + 1]), isHex(text[offset + 2]) else { return false }
      offset += 3
      return true
    }
    offset += 1
    let letter = byte | 0x20
    if letter >= UInt8(ascii: "a") && letter <= UInt8(ascii: "z") || JSONLexer.isDigit(byte) { return true }
    switch byte {
    case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"), UInt8(ascii: "!"),
      UInt8(ascii: "$"), UInt8(ascii: "&"), UInt8(ascii: "'"), UInt8(ascii: "("), UInt8(ascii: ")"),
      UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "="):
      return true
    default: return false
    }
  }

  private static func isHex(_ byte: UInt8) -> Bool {
    let letter = byte | 0x20
    return JSONLexer.isDigit(byte) || letter >= UInt8(ascii: "a") && letter <= UInt8(ascii: "f")
  }
}
