// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Numbers of an event, read only as far as a pattern needs.
///
/// Most numbers are compared with ranges that they are far from, so a value that is a few units in the last place off
/// is enough at first; the nearest double and whether it is exact are found out when it may matter.
struct NumberText {
  private let bytes: UnsafeBufferPointer<UInt8>
  private let mantissa: UInt64
  private let exponent: Int
  /// Significant digits, and whether all of them are in the mantissa.
  private let digits: Int
  private let isComplete: Bool

  private static let powers: [Double] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18,
    1e19,
    1e20, 1e21, 1e22,
  ]

  /// Takes a valid JSON number that is followed by a byte which is no part of it.
  init(_ bytes: UnsafeBufferPointer<UInt8>) {
    self.bytes = bytes
    var mantissa: UInt64 = 0
    var exponent = 0
    var digits = 0
    var taken = 0
    var hasPoint = false
    var zeros = 0
    var offset = bytes.first == UInt8(ascii: "-") ? 1 : 0
    while offset < bytes.count {
      let byte = bytes[offset]
      if byte == UInt8(ascii: ".") {
        hasPoint = true
      } else if byte | 0x20 == UInt8(ascii: "e") {
        exponent += Self.exponent(bytes, offset + 1)
        break
      } else {
        if byte != UInt8(ascii: "0") {
          digits += zeros + 1
          zeros = 0
        } else if digits > 0 {
          zeros += 1
        }
        if taken < 19 {
          mantissa = mantissa &* 10 &+ UInt64(byte & 0xF)
          if mantissa > 0 { taken += 1 }
          if hasPoint { exponent -= 1 }
        } else if !hasPoint {
          exponent += 1
        }
      }
      offset += 1
    }
    self.mantissa = mantissa
    self.exponent = exponent
    self.digits = digits
    isComplete = digits <= 19
  }

  private static func exponent(_ bytes: UnsafeBufferPointer<UInt8>, _ start: Int) -> Int {
    var value = 0
    var isNegative = false
    for byte in bytes[start...] {
      if byte == UInt8(ascii: "-") {
        isNegative = true
      } else if byte != UInt8(ascii: "+"), value < 100_000 {
        value = value * 10 + Int(byte & 0xF)
      }
    }
    return isNegative ? -value : value
  }

  private var isNegative: Bool { bytes.first == UInt8(ascii: "-") }

  /// Whether one rounding gives the nearest double (Clinger, PLDI 1990).
  private var isSimple: Bool { isComplete && mantissa <= 1 << 53 && exponent.magnitude <= 22 }

  /// A range that the value lies in; a single value when that is known already.
  var bounds: ClosedRange<Double> {
    guard exponent.magnitude <= 22, isComplete else {
      let value = nearest
      return value...value
    }
    let magnitude =
      exponent < 0 ? Double(mantissa) / Self.powers[-exponent] : Double(mantissa) * Self.powers[exponent]
    let value = isNegative ? -magnitude : magnitude
    if mantissa <= 1 << 53 { return value...value }
    let slack = magnitude * 0x1p-50
    return value - slack...value + slack
  }

  /// The nearest double; infinite beyond all of them.
  var nearest: Double {
    if isSimple {
      let magnitude =
        exponent < 0 ? Double(mantissa) / Self.powers[-exponent] : Double(mantissa) * Self.powers[exponent]
      return isNegative ? -magnitude : magnitude
    }
    guard let start = bytes.baseAddress else { return .nan }
    // What follows a number in an event ends it for this function, too. It reads points, since no part of the program
    // sets a locale.
    return start.withMemoryRebound(to: CChar.self, capacity: bytes.count) { strtod($0, nil) }
  }

  /// Whether the nearest double's shortest decimal is this number, so that it is compared by value.
  var isExact: Bool {
    // Fifteen digits survive the way to a double and back, unless it is near the ends of what a double can be.
    if digits <= 15, (exponent + digits).magnitude < 290 { return true }
    let nearest = nearest
    guard nearest.isFinite, digits <= 17 else { return false }
    var shortest = nearest.description
    return shortest.withUTF8 { NumberText($0).hasDigits(of: self) }
  }

  /// Whether another number is written with the same digits, apart from zeros at the end.
  private func hasDigits(of other: NumberText) -> Bool { significand == other.significand }

  /// The significant digits and the power of ten of the last one; both zero for zero.
  private var significand: (UInt64, Int) {
    var (mantissa, exponent) = (mantissa, exponent)
    guard mantissa != 0 else { return (0, 0) }
    while mantissa % 10 == 0 {
      mantissa /= 10
      exponent += 1
    }
    return (mantissa, exponent)
  }

  /// The number as it was written.
  var text: String { String(decoding: bytes, as: UTF8.self) }
}
