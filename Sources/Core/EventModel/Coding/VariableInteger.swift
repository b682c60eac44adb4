// SPDX-License-Identifier: Apache-2.0

/// Whole numbers in as few bytes as they need: zigzag, so that small negative ones are short too, then LEB128.
public enum VariableInteger {
  /// Appends a number, in one to ten bytes.
  public static func append(_ number: Int64, to bytes: inout [UInt8]) {
    var rest = UInt64(bitPattern: number << 1 ^ number >> 63)
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  /// Reads the number at a place and moves the place behind it; nil when there is no whole one.
  public static func read(_ bytes: UnsafeRawBufferPointer, at place: inout Int) -> Int64? {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while place < bytes.count, shift < 64 {
      let byte = bytes[place]
      place += 1
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1) }
      shift += 7
    }
    return nil
  }
}
