// SPDX-License-Identifier: Apache-2.0

import EventModel

/// The types of plain scalars (YAML 1.2.2 section 10.3.2).
///
/// `on`, `yes` and their like, booleans in YAML 1.1, are texts here. The special numbers `.inf` and `.nan` have
/// no place in JSON and are texts as well.
enum CoreSchema {
  /// The value of a plain scalar.
  static func value(of text: String) -> JSONValue {
    switch text {
    case "", "~", "null", "Null", "NULL": return .null
    case "true", "True", "TRUE": return .bool(true)
    case "false", "False", "FALSE": return .bool(false)
    default: break
    }
    guard let first = text.utf8.first, "+-.0123456789".utf8.contains(first) else { return .string(text) }
    if let number = radixNumber(text) ?? decimalNumber(text) { return .number(number) }
    return .string(text)
  }

  private static func radixNumber(_ text: String) -> String? {
    for (prefix, radix) in [("0o", 8), ("0x", 16)] where text.hasPrefix(prefix) {
      let digits = text.dropFirst(2)
      guard let first = digits.first, first != "+", first != "-" else { return nil }
      return UInt64(digits, radix: radix).map(String.init)
    }
    return nil
  }

  /// The number in JSON's notation, if the text is `[-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?`.
  private static func decimalNumber(_ text: String) -> String? {
    var rest = Substring(text)
    var number = ""
    if let sign = rest.first, sign == "-" || sign == "+" {
      if sign == "-" { number = "-" }
      rest.removeFirst()
    }
    let whole = takeDigits(&rest)
    var fraction: Substring = ""
    if rest.first == "." {
      rest.removeFirst()
      fraction = takeDigits(&rest)
    }
    guard !whole.isEmpty || !fraction.isEmpty else { return nil }
    let significant = whole.drop { $0 == "0" }
    number += significant.isEmpty ? "0" : significant
    if !fraction.isEmpty { number += "." + fraction }
    guard let exponent = takeExponent(&rest), rest.isEmpty else { return nil }
    return number + exponent
  }

  private static func takeExponent(_ rest: inout Substring) -> String? {
    guard rest.first == "e" || rest.first == "E" else { return "" }
    rest.removeFirst()
    var exponent = "e"
    if let sign = rest.first, sign == "-" || sign == "+" {
      exponent.append(sign)
      rest.removeFirst()
    }
    let digits = takeDigits(&rest)
    return digits.isEmpty ? nil : exponent + digits
  }

  private static func takeDigits(_ rest: inout Substring) -> Substring {
    let digits = rest.prefix { $0.isASCII && $0.isNumber }
    rest = rest[digits.endIndex...]
    return digits
  }
}
