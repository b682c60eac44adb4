// SPDX-License-Identifier: Apache-2.0

/// Parses one field: a list of `*`, numbers, names, ranges and steps, and the special days.
struct CronParser {
  private let field: CronField
  private let text: [UInt8]
  private let start: Int

  /// Parses the field whose text begins at `start` of the expression.
  static func parse(_ field: CronField, _ text: [UInt8], at start: Int) throws(CronError) -> CronSet {
    let upper = text.map { $0 >= UInt8(ascii: "a") && $0 <= UInt8(ascii: "z") ? $0 - 32 : $0 }
    let parser = CronParser(field: field, text: upper, start: start)
    var set = CronSet()
    set.isOpen = upper.first == UInt8(ascii: "*") || (upper == [UInt8(ascii: "?")])
    var offset = 0
    while true {
      let end = upper[offset...].firstIndex(of: UInt8(ascii: ",")) ?? upper.count
      try parser.term(offset..<end, into: &set)
      if end == upper.count { break }
      offset = end + 1
    }
    if field == .weekday && set.contains(7) { set.numbers = set.numbers & 0x7F | 1 }
    return set
  }

  private func term(_ range: Range<Int>, into set: inout CronSet) throws(CronError) {
    if try special(range, into: &set) { return }
    guard let slash = index(of: "/", in: range) else {
      let numbers = try span(range)
      return insert(stride(from: numbers.lowerBound, through: numbers.upperBound, by: 1), into: &set)
    }
    let base = try span(range.lowerBound..<slash)
    let step = try number(slash + 1..<range.upperBound, isStep: true)
    guard step > 0 else { throw error(.range, slash + 1..<range.upperBound, "a step must be at least 1") }
    let isSingle = base.count == 1 && text[range.lowerBound] != UInt8(ascii: "*")
    let end = isSingle && index(of: "-", in: range) == nil ? field.range.upperBound : base.upperBound
    insert(stride(from: base.lowerBound, through: end, by: step), into: &set)
  }

  private func insert(_ numbers: StrideThrough<Int>, into set: inout CronSet) {
    for number in numbers { set.numbers |= 1 << UInt64(number) }
  }

  /// A single number, a range, or everything.
  private func span(_ range: Range<Int>) throws(CronError) -> ClosedRange<Int> {
    let isEverything = range.count == 1 && text[range.lowerBound] == UInt8(ascii: "*")
    let isUnspecified =
      range.count == 1 && text.count == 1 && text[0] == UInt8(ascii: "?")
      && (field == .day || field == .weekday)
    if isEverything || isUnspecified { return field.range }
    guard let dash = index(of: "-", in: range) else {
      let number = try number(range)
      return number...number
    }
    let low = try number(range.lowerBound..<dash)
    let high = try number(dash + 1..<range.upperBound)
    guard low <= high else { throw error(.range, range, "a range must run upwards") }
    return low...high
  }

  /// `L`, `LW`, `5L` and `1#2`; false when the term is none of them.
  private func special(_ range: Range<Int>, into set: inout CronSet) throws(CronError) -> Bool {
    let term = text[range]
    switch field {
    case .day where term.elementsEqual("L".utf8): set.hasLastDay = true
    case .day where term.elementsEqual("LW".utf8): set.hasLastWorkday = true
    case .weekday where term.last == UInt8(ascii: "L") && term.count > 1:
      let day = try number(range.lowerBound..<range.upperBound - 1) % 7
      set.lastWeekdays |= 1 << UInt8(day)
    case .weekday where term.contains(UInt8(ascii: "#")):
      let hash = index(of: "#", in: range) ?? range.lowerBound
      let day = try number(range.lowerBound..<hash) % 7
      let nth = try number(hash + 1..<range.upperBound, isStep: true)
      guard (1...5).contains(nth) else {
        throw error(.range, hash + 1..<range.upperBound, "a weekday comes one to five times in a month")
      }
      if set.nthWeekdays.isEmpty { set.nthWeekdays = [0, 0, 0, 0, 0, 0] }
      set.nthWeekdays[nth] |= 1 << UInt8(day)
    default: return false
    }
    return true
  }

  private func number(_ range: Range<Int>, isStep: Bool = false) throws(CronError) -> Int {
    guard !range.isEmpty else { throw error(.syntax, range, "a number is missing") }
    if !isStep, let index = field.names.firstIndex(where: { text[range].elementsEqual($0.utf8) }) {
      return field.range.lowerBound + index
    }
    var value = 0
    for byte in text[range] {
      guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else {
        let shown = String(decoding: text[range], as: UTF8.self)
        throw error(.syntax, range, "'\(shown)' is neither a number nor a name")
      }
      value = min(value * 10 + Int(byte - UInt8(ascii: "0")), 1_000_000)
    }
    guard isStep || field.range.contains(value) else {
      throw error(
        .range,
        range,
        "\(value) is not in \(field.range.lowerBound) to \(field.range.upperBound)"
      )
    }
    return value
  }

  private func index(of scalar: Unicode.Scalar, in range: Range<Int>) -> Int? {
    text[range].firstIndex(of: UInt8(ascii: scalar))
  }

  private func error(_ code: CronError.Code, _ range: Range<Int>, _ message: String) -> CronError {
    CronError(code, start + range.lowerBound..<start + range.upperBound, "\(field.name): \(message)")
  }
}
