// SPDX-License-Identifier: Apache-2.0

/// A JSON number, which equals another by value or by text.
///
/// Only a number that a binary64 holds without loss, in the sense that the shortest decimal of that binary64 is
/// the number, has a value; every other one is compared by its text alone. So 9007199254740993 is not
/// 9007199254740992.
struct NumberLiteral: Sendable, Hashable {
  let text: String
  let value: Double?

  init(_ text: String) {
    self.text = text
    guard let double = Double(text), double.isFinite else {
      value = nil
      return
    }
    let isExact = Decimal(text) == Decimal(double.description)
    value = isExact ? (double == 0 ? 0 : double) : nil
  }

  static func == (left: NumberLiteral, right: NumberLiteral) -> Bool {
    if let value = left.value, let other = right.value { return value == other }
    return left.text == right.text
  }

  func hash(into hasher: inout Hasher) {
    if let value { hasher.combine(value) } else { hasher.combine(text) }
  }

  /// A decimal as its significant digits and a power of ten.
  private struct Decimal: Equatable {
    var isNegative = false
    var digits: [UInt8] = []
    var exponent = 0

    init(_ text: String) {
      var hasPoint = false
      var bytes = Array(text.utf8)[...]
      while let byte = bytes.popFirst() {
        switch byte {
        case UInt8(ascii: "-"): isNegative = true
        case UInt8(ascii: "."): hasPoint = true
        case UInt8(ascii: "e"), UInt8(ascii: "E"):
          exponent += Int(String(decoding: bytes, as: UTF8.self)) ?? 0
          bytes = []
        case UInt8(ascii: "0")...UInt8(ascii: "9"):
          digits.append(byte)
          if hasPoint { exponent -= 1 }
        default: break
        }
      }
      digits = Array(digits.drop { $0 == UInt8(ascii: "0") })
      while digits.last == UInt8(ascii: "0") {
        digits.removeLast()
        exponent += 1
      }
      if digits.isEmpty {
        exponent = 0
        isNegative = false
      }
    }
  }
}
