// SPDX-License-Identifier: Apache-2.0

/// Ways through a text that is known to be valid JSON, such as an event of a batch, without a tape.
///
/// Nothing is checked again; on any other text the results mean nothing, but no byte outside of it is read.
public enum JSONSkip {
  @usableFromInline static let ones: UInt64 = 0x0101_0101_0101_0101
  @usableFromInline static let tops: UInt64 = 0x8080_8080_8080_8080

  /// The offset of the first byte from `offset` on that is not white space.
  @inlinable
  public static func space(_ text: Span<UInt8>, _ offset: Int) -> Int {
    var offset = offset
    while offset < text.count {
      let byte = text[unchecked: offset]
      guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { break }
      offset &+= 1
    }
    return offset
  }

  /// The offset of the closing quote of the string whose content begins at `start`, and whether it holds an escape.
  @inlinable
  public static func string(_ text: Span<UInt8>, _ start: Int) -> (end: Int, isEscaped: Bool) {
    var offset = start
    var isEscaped = false
    while true {
      offset = next(text, offset) { word in zeros(word ^ ones &* 0x22) | zeros(word ^ ones &* 0x5C) }
      while offset < text.count, text[unchecked: offset] != 0x22, text[unchecked: offset] != 0x5C {
        offset &+= 1
      }
      guard offset < text.count, text[unchecked: offset] == 0x5C else { return (offset, isEscaped) }
      isEscaped = true
      offset &+= 2
    }
  }

  /// The offset after the value that begins at `offset`.
  @inlinable
  public static func value(_ text: Span<UInt8>, _ offset: Int) -> Int {
    guard offset < text.count else { return offset }
    switch text[unchecked: offset] {
    case 0x22: return string(text, offset &+ 1).end &+ 1
    case 0x7B, 0x5B: return container(text, offset)
    default: return scalar(text, offset)
    }
  }

  /// The offset after the number or literal that begins at `offset`.
  @inlinable
  public static func scalar(_ text: Span<UInt8>, _ offset: Int) -> Int {
    var offset = offset
    while offset < text.count {
      switch text[unchecked: offset] {
      case 0x2C, 0x5D, 0x7D, 0x20, 0x0A, 0x0D, 0x09: return offset
      default: offset &+= 1
      }
    }
    return offset
  }

  /// The offset after the object or array that `offset` lies in, outside of all its strings.
  @inlinable
  public static func restOfContainer(_ text: Span<UInt8>, _ offset: Int) -> Int {
    container(text, offset, depth: 1)
  }

  @inlinable
  static func container(_ text: Span<UInt8>, _ start: Int, depth: Int = 0) -> Int {
    var offset = start
    var depth = depth
    while offset < text.count {
      // With this bit set, brackets are braces, and nothing else in valid JSON becomes one of the three.
      offset = next(text, offset) { word in
        let folded = word | ones &* 0x20
        return zeros(folded ^ ones &* 0x22) | zeros(folded ^ ones &* 0x7B) | zeros(folded ^ ones &* 0x7D)
      }
      guard offset < text.count else { break }
      switch text[unchecked: offset] {
      case 0x22: offset = string(text, offset &+ 1).end
      case 0x7B, 0x5B: depth &+= 1
      case 0x7D, 0x5D:
        depth &-= 1
        if depth == 0 { return offset &+ 1 }
      default: break
      }
      offset &+= 1
    }
    return text.count
  }

  /// The offset of the first byte that `find` marks, eight at a time; of what may hold one where fewer are left.
  @inlinable @inline(__always)
  static func next(_ text: Span<UInt8>, _ start: Int, _ find: (UInt64) -> UInt64) -> Int {
    let bytes = text.bytes
    var offset = start
    while offset &+ 8 <= text.count {
      let word = bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: UInt64.self).littleEndian
      let found = find(word)
      if found != 0 { return offset &+ found.trailingZeroBitCount / 8 }
      offset &+= 8
    }
    return offset
  }

  /// The top bit of each zero byte; above the first one also of others.
  @inlinable @inline(__always)
  static func zeros(_ word: UInt64) -> UInt64 { (word &- ones) & ~word & tops }
}
