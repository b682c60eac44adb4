// SPDX-License-Identifier: Apache-2.0

/// Bytes as text for people and names.
public enum Hexadecimal {
  /// Two lower-case digits for each byte.
  @inlinable
  public static func text(_ bytes: some Collection<UInt8>) -> String {
    String(unsafeUninitializedCapacity: 2 * bytes.count) { text in
      var place = 0
      for byte in bytes {
        text[place] = digit(byte >> 4)
        text[place + 1] = digit(byte & 0xF)
        place += 2
      }
      return place
    }
  }

  @inlinable
  static func digit(_ value: UInt8) -> UInt8 {
    value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
  }
}
