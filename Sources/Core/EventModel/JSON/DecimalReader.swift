// SPDX-License-Identifier: Apache-2.0

/// Reads decimals that are short enough to be computed exactly, which nearly all numbers of events are.
///
/// A mantissa of up to 2^53 and a power of ten of up to 10^22 are both exact in binary64, so one multiplication or
/// division rounds only once (W. D. Clinger, "How to Read Floating Point Numbers Accurately", PLDI 1990).
enum DecimalReader {
  private static let powers: [Double] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18,
    1e19,
    1e20, 1e21, 1e22,
  ]

  /// The value of a number that is known to be valid JSON; nil when it is too long for this way or has an exponent.
  static func value(_ text: Span<UInt8>, _ range: Range<Int>) -> Double? {
    guard range.count <= 18 else { return nil }
    var offset = range.lowerBound
    let isNegative = text[unchecked: offset] == UInt8(ascii: "-")
    if isNegative { offset += 1 }
    var mantissa: UInt64 = 0
    var fraction = -1
    while offset < range.upperBound {
      let byte = text[unchecked: offset]
      if byte == UInt8(ascii: ".") {
        fraction = 0
      } else {
        guard byte >= 0x30, byte <= 0x39 else { return nil }
        mantissa = mantissa &* 10 &+ UInt64(byte & 0xF)
        if fraction >= 0 { fraction += 1 }
      }
      offset += 1
    }
    guard mantissa <= 1 << 53 else { return nil }
    let magnitude = fraction > 0 ? Double(mantissa) / powers[fraction] : Double(mantissa)
    return isNegative ? -magnitude : magnitude
  }
}
