// SPDX-License-Identifier: Apache-2.0

extension JSONTape {
  /// Appends a string's content with no more escapes than JSON demands, so that equal values are equal bytes.
  func appendCanonical(_ index: Index, in text: Span<UInt8>, to bytes: inout [UInt8]) {
    guard isEscaped(index) else {
      bytes.append(text, range(index))
      return
    }
    unescaped(index, in: text).withUnsafeBufferPointer { JSONWriter.appendEscaped($0, to: &bytes) }
  }

  /// Appends a value without the white space between its tokens, and so without line breaks.
  public func appendCompact(_ index: Index, in text: Span<UInt8>, to bytes: inout [UInt8]) {
    let range = rawRange(index)
    guard kind(index) == .object || kind(index) == .array else {
      bytes.append(text, range)
      return
    }
    var copied = range.lowerBound
    var offset = range.lowerBound
    while offset < range.upperBound {
      switch text[unchecked: offset] {
      case UInt8(ascii: "\""): offset = Self.endOfString(text, offset)
      case 0x20, 0x09, 0x0A, 0x0D:
        bytes.append(text, copied..<offset)
        offset = JSONLexer.skipSpace(text, offset)
        copied = offset
      default: offset += 1
      }
    }
    bytes.append(text, copied..<range.upperBound)
  }

  /// The offset after the string that begins at `offset`, in a text that is known to be valid.
  private static func endOfString(_ text: Span<UInt8>, _ offset: Int) -> Int {
    var offset = JSONLexer.skipPlain(text, offset + 1)
    while text[unchecked: offset] != UInt8(ascii: "\"") {
      offset = JSONLexer.skipPlain(text, offset + (text[unchecked: offset] == UInt8(ascii: "\\") ? 2 : 1))
    }
    return offset + 1
  }
}

extension [UInt8] {
  /// Appends a range of a span.
  @inline(__always)
  mutating func append(_ text: Span<UInt8>, _ range: Range<Int>) {
    text.extracting(range).withUnsafeBufferPointer { append(contentsOf: $0) }
  }
}
