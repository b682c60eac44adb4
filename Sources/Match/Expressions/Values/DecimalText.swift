// SPDX-License-Identifier: Apache-2.0

/// The shortest decimal that stands for a double.
enum DecimalText {
  /// As JSON and people write it: without exponent from a ten-thousandth up to 21 digits, whole numbers without point.
  static func plain(_ number: Double) -> String {
    guard number.isFinite, number != 0 else { return special(number) }
    if let short = short(number) { return short }
    let (digits, exponent) = decimal(number.magnitude)
    let sign = number < 0 ? "-" : ""
    if exponent > -5, exponent <= 20 { return sign + laidOut(digits, exponent) }
    let fraction = digits.dropFirst()
    let mantissa = digits.prefix(1) + (fraction.isEmpty ? "" : "." + fraction)
    let power = String(exponent.magnitude)
    return "\(sign)\(mantissa)e\(exponent < 0 ? "-" : "+")\(power.count < 2 ? "0" : "")\(power)"
  }

  /// Without an exponent, however long that gets.
  static func positional(_ number: Double) -> String {
    guard number.isFinite, number != 0 else { return special(number) }
    let (digits, exponent) = decimal(number.magnitude)
    return (number < 0 ? "-" : "") + laidOut(digits, exponent)
  }

  /// The text for numbers that Swift spells without an exponent, as it does with all of a usual size.
  private static func short(_ number: Double) -> String? {
    guard number.magnitude >= 1e-4, number.magnitude < 1e15 else { return nil }
    if let integer = Int64(exactly: number) { return String(integer) }
    return number.description
  }

  private static func special(_ number: Double) -> String {
    if number.isNaN { return "NaN" }
    if number == 0 { return number.sign == .minus ? "-0" : "0" }
    return number < 0 ? "-Infinity" : "Infinity"
  }

  /// The digits of a number and the power of ten of the first one.
  private static func decimal(_ number: Double) -> (digits: Substring, exponent: Int) {
    let parts = number.description.split(separator: "e")
    let power = parts.count == 2 ? Int(parts[1]) ?? 0 : 0
    let mantissa = parts[0].split(separator: ".", omittingEmptySubsequences: false)
    let all = mantissa[0] + (mantissa.count == 2 ? mantissa[1] : "")
    let leading = all.prefix { $0 == "0" }.count
    var digits = all.dropFirst(leading)
    while digits.count > 1, digits.hasSuffix("0") { digits.removeLast() }
    return (Substring(digits), power + mantissa[0].count - 1 - leading)
  }

  private static func laidOut(_ digits: Substring, _ exponent: Int) -> String {
    if exponent < 0 { return "0." + String(repeating: "0", count: -exponent - 1) + digits }
    let whole = exponent + 1
    if digits.count <= whole { return digits + String(repeating: "0", count: whole - digits.count) }
    return digits.prefix(whole) + "." + digits.dropFirst(whole)
  }
}
