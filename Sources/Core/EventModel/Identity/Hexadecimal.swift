// SPDX-License-Identifier: Apache-2.0

/// Bytes as text for people and names.
public enum Hexadecimal {
  /// Two lower-case digits for each byte.
  public static func text(_ bytes: some Sequence<UInt8>) -> String {
    bytes.map { byte in (byte < 0x10 ? "0" : "") + String(byte, radix: 16) }.joined()
  }
}
