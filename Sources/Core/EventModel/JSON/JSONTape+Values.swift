// SPDX-License-Identifier: Apache-2.0

extension JSONTape {
  /// The value of the member `name` of an object, or nil when it has none; the first one when it repeats.
  public func member(_ name: String, of object: Index, in text: Span<UInt8>) -> Index? {
    guard kind(object) == .object else { return nil }
    let wanted = Array(name.utf8)
    let end = end(object)
    var key = object + 1
    while key < end {
      if isKey(key, wanted, in: text) { return key + 1 }
      key = self.end(key + 1)
    }
    return nil
  }

  private func isKey(_ key: Index, _ wanted: [UInt8], in text: Span<UInt8>) -> Bool {
    if isEscaped(key) { return unescaped(key, in: text) == wanted }
    let range = range(key)
    guard range.count == wanted.count else { return false }
    for offset in 0..<wanted.count where text[unchecked: range.lowerBound + offset] != wanted[offset] {
      return false
    }
    return true
  }

  /// A string's value.
  public func string(_ index: Index, in text: Span<UInt8>) -> String {
    String(decoding: unescaped(index, in: text), as: UTF8.self)
  }

  /// The bytes of a string's value.
  public func unescaped(_ index: Index, in text: Span<UInt8>) -> [UInt8] {
    var bytes: [UInt8] = []
    appendUnescaped(index, in: text, to: &bytes)
    return bytes
  }

  /// Appends the bytes of a string's value.
  public func appendUnescaped(_ index: Index, in text: Span<UInt8>, to bytes: inout [UInt8]) {
    let content = text.extracting(range(index))
    if isEscaped(index) {
      JSONText.appendUnescaped(content, to: &bytes)
    } else {
      content.withUnsafeBufferPointer { bytes.append(contentsOf: $0) }
    }
  }

  /// A number's value if it is written as an integer and fits 64 bits.
  public func int64(_ index: Index, in text: Span<UInt8>) -> Int64? {
    guard isInteger(index) else { return nil }
    let range = range(index)
    let isNegative = text[range.lowerBound] == UInt8(ascii: "-")
    var value: Int64 = 0
    for offset in range.lowerBound + (isNegative ? 1 : 0)..<range.upperBound {
      let (shifted, overflow) = value.multipliedReportingOverflow(by: 10)
      let digit = Int64(text[offset] & 0xF)
      let (sum, carry) =
        isNegative ? shifted.subtractingReportingOverflow(digit) : shifted.addingReportingOverflow(digit)
      if overflow || carry { return nil }
      value = sum
    }
    return value
  }

  /// A number's nearest binary64 value; infinite when its magnitude is too great.
  public func double(_ index: Index, in text: Span<UInt8>) -> Double? {
    guard kind(index) == .number else { return nil }
    let range = range(index)
    if let short = DecimalReader.value(text, range) { return short }
    let digits = text.extracting(range).withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
    return Double(digits)
  }
}
