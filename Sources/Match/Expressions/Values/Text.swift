// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A string as the bytes of its UTF-8, whole or as a part of a longer one, such as an event.
///
/// Compared byte by byte, which is the order of code points; no normal form is looked for. A part shares the bytes of
/// the whole, so that a string of an event costs no copy.
struct Text: Sendable {
  let bytes: [UInt8]
  private let start: UInt32
  private let end: UInt32

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    start = 0
    end = UInt32(bytes.count)
  }

  /// A part of `bytes`.
  init(_ bytes: [UInt8], _ range: Range<Int>) {
    self.bytes = bytes
    start = UInt32(range.lowerBound)
    end = UInt32(range.upperBound)
  }

  init(_ string: String) { self.init(Array(string.utf8)) }

  /// The number of bytes.
  var count: Int { Int(end - start) }
  var isEmpty: Bool { start == end }
  var string: String { String(decoding: slice, as: UTF8.self) }
  var slice: ArraySlice<UInt8> { bytes[Int(start)..<Int(end)] }
  /// The string's own bytes.
  var array: [UInt8] { count == bytes.count ? bytes : Array(slice) }

  /// Appends the string's bytes.
  func append(to other: inout [UInt8]) { withBytes { other.append(contentsOf: $0) } }

  /// The part between two offsets that count from the string's beginning.
  subscript(_ range: Range<Int>) -> Text {
    Text(bytes, Int(start) + range.lowerBound..<Int(start) + range.upperBound)
  }

  /// Calls `body` with the string's bytes.
  @inline(__always)
  func withBytes<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
    bytes.withUnsafeBufferPointer { body(UnsafeBufferPointer(rebasing: $0[Int(start)..<Int(end)])) }
  }

  /// The number of code points.
  var codePoints: Int { withBytes { bytes in bytes.reduce(0) { $1 & 0xC0 != 0x80 ? $0 + 1 : $0 } } }

  /// The offset of the code point with the given number, counted from 0; nil beyond the end.
  func offset(ofCodePoint number: Int) -> Int? {
    withBytes { bytes in
      var offset = 0
      for _ in 0..<number {
        guard offset < bytes.count else { return nil }
        offset += 1
        while offset < bytes.count, bytes[offset] & 0xC0 == 0x80 { offset += 1 }
      }
      return offset
    }
  }

  /// The offset after some code points from `start`; the end if there are fewer.
  func offset(ofCodePoint number: Int, from start: Int) -> Int {
    self[start..<count].offset(ofCodePoint: number).map { $0 + start } ?? count
  }

  func hasPrefix(_ other: Text) -> Bool { count >= other.count && self[0..<other.count] == other }
  func hasSuffix(_ other: Text) -> Bool {
    count >= other.count && self[count - other.count..<count] == other
  }

  /// The offset of the first place at or after `start` where `other` begins.
  func firstOffset(of other: Text, from start: Int = 0) -> Int? {
    withBytes { bytes in
      other.withBytes { wanted in
        guard let first = wanted.first else { return start <= bytes.count ? start : nil }
        var offset = start
        while offset + wanted.count <= bytes.count {
          if bytes[offset] == first, bytes[offset..<offset + wanted.count].elementsEqual(wanted) {
            return offset
          }
          offset += 1
        }
        return nil
      }
    }
  }

  /// The offset of the last place at or before `start` where `other` begins.
  func lastOffset(of other: Text, from start: Int) -> Int? {
    var offset = min(start, count - other.count)
    while offset >= 0 {
      if self[offset..<offset + other.count] == other { return offset }
      offset -= 1
    }
    return nil
  }
}

extension Text: Hashable, Comparable {
  static func == (left: Text, right: Text) -> Bool {
    guard left.count == right.count else { return false }
    return left.withBytes { left in right.withBytes { right in left.hasBytes(of: right) } }
  }

  static func < (left: Text, right: Text) -> Bool {
    left.withBytes { left in right.withBytes { right in left.lexicographicallyPrecedes(right) } }
  }

  func hash(into hasher: inout Hasher) {
    withBytes { bytes in hasher.combine(bytes: UnsafeRawBufferPointer(bytes)) }
  }
}

extension UnsafeBufferPointer<UInt8> {
  /// Whether a buffer of the same length holds the same bytes.
  @inline(__always)
  func hasBytes(of other: UnsafeBufferPointer<UInt8>) -> Bool {
    guard let start = baseAddress, let otherStart = other.baseAddress else { return true }
    return memcmp(start, otherStart, count) == 0
  }
}
