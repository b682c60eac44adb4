// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A scalar of an event as patterns look at it.
///
/// Its bytes stay where they are, so that looking at it allocates nothing; it is valid only within the call in which
/// it was made, while neither the event's text nor the scratch changes.
struct LeafView {
  /// The kinds of scalars.
  enum Kind: UInt8, Sendable {
    case null, `false`, `true`, number, string
  }

  let kind: Kind
  /// The value of a string, the text of everything else.
  let bytes: UnsafeBufferPointer<UInt8>

  /// Whether this is a value of a pattern: strings by bytes, numbers by value or by text.
  func equals(_ literal: Literal) -> Bool {
    switch (literal, kind) {
    case (.string(let text), .string): equals(text)
    case (.number(let number), .number): equals(number)
    case (.bool(true), .true), (.bool(false), .false), (.null, .null): true
    default: false
    }
  }

  /// Whether the bytes are these.
  @inline(__always)
  func equals(_ text: [UInt8]) -> Bool {
    guard text.count == bytes.count else { return false }
    return text.withUnsafeBufferPointer { Self.areEqual($0, bytes) }
  }

  private func equals(_ literal: NumberLiteral) -> Bool {
    let number = NumberText(bytes)
    guard let value = literal.value else { return equals(Array(literal.text.utf8)) }
    guard number.bounds.contains(value), number.nearest == value else { return false }
    return number.isExact || equals(Array(literal.text.utf8))
  }

  func hasPrefix(_ text: [UInt8]) -> Bool {
    guard text.count <= bytes.count else { return false }
    return text.withUnsafeBufferPointer {
      Self.areEqual($0, UnsafeBufferPointer(rebasing: bytes[..<text.count]))
    }
  }

  func hasSuffix(_ text: [UInt8]) -> Bool {
    guard text.count <= bytes.count else { return false }
    let end = UnsafeBufferPointer(rebasing: bytes[(bytes.count - text.count)...])
    return text.withUnsafeBufferPointer { Self.areEqual($0, end) }
  }

  @inline(__always)
  private static func areEqual(_ left: UnsafeBufferPointer<UInt8>, _ right: UnsafeBufferPointer<UInt8>)
    -> Bool
  {
    guard let start = left.baseAddress, let other = right.baseAddress else {
      return left.count == right.count
    }
    return memcmp(start, other, left.count) == 0
  }

  /// The address that the text is, if it may be one at all.
  var address: IPAddress? {
    guard bytes.count >= 2, bytes.count <= 64,
      bytes.allSatisfy({ ($0 >= 0x2E && $0 <= 0x3A) || ($0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x66) })
    else { return nil }
    return IPAddress(Array(bytes))
  }
}
