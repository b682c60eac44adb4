// SPDX-License-Identifier: Apache-2.0

public import EventModel

/// The type of a table's column.
public enum ColumnType: String, Sendable, CaseIterable {
  /// A text.
  case text
  /// A whole number of 64 bits.
  case integer
  /// A binary64 number that is finite.
  case real
  /// True or false.
  case boolean
  /// An instant, kept to the microsecond.
  case time
  /// Any value that JSON can say.
  case json
}

/// What a column holds in one row.
public enum ColumnValue: Sendable, Hashable {
  /// Nothing.
  case null
  /// A text in UTF-8.
  case text([UInt8])
  case integer(Int64)
  case real(Double)
  case boolean(Bool)
  case time(Timestamp)
  /// A JSON text without white space between its tokens.
  case json([UInt8])

  /// The value as JSON says it; an instant is a text.
  public var json: JSONValue {
    switch self {
    case .null: .null
    case .text(let bytes): .string(String(decoding: bytes, as: UTF8.self))
    case .integer(let number): .number(String(number))
    case .real(let number): .number(DecimalText.plain(number))
    case .boolean(let value): .bool(value)
    case .time(let instant): .string(instant.rfc3339)
    case .json(let bytes): (try? JSONValue(json: bytes)) ?? .null
    }
  }
}

extension ColumnType {
  /// Whether a value of some type may fit; what can only be told in evaluation may.
  public func mayHold(_ type: ExpressionType) -> Bool {
    switch type {
    case .dyn, .null, .parameter: return true
    case .opaque("optional_type", let wrapped): return wrapped.allSatisfy(mayHold)
    default: break
    }
    return switch self {
    case .text: type == .string
    case .integer, .real: type == .int || type == .uint || type == .double
    case .boolean: type == .bool
    case .time: type == .timestamp || type == .string
    case .json: type != .bytes && !isTypeOfTypes(type)
    }
  }

  private func isTypeOfTypes(_ type: ExpressionType) -> Bool { if case .type = type { true } else { false } }
}

extension Expression {
  /// The value as a column holds it; a value that does not fit is an error, and nothing is rounded or cut.
  ///
  /// Null, and an optional that holds nothing, leave the column empty.
  public func columnValue(as type: ColumnType, in scope: Scope) throws(EvaluationError) -> ColumnValue {
    if type == .json, let (content, index) = program.referred(scope.variables) {
      if case .null = content.tape.kind(index) { return .null }
      return .json(content.compactJSON(at: index))
    }
    let value = try value(scope.variables)
    do throws(EvaluationError) { return try value.column(type) } catch { throw naming(error) }
  }

  /// The value as that which tells rows apart: a text, or a number, truth or instant as people write it.
  public func rowKey(in scope: Scope) throws(EvaluationError) -> [UInt8] {
    let value = try value(scope.variables)
    switch value {
    case .string(let text): return text.array
    case .int, .uint, .double, .bool, .timestamp: return Array(value.plainText.utf8)
    default:
      throw naming(
        EvaluationError(.argument, "\(value.shortText) cannot be a key: a text or a number was expected")
      )
    }
  }
}

extension JSONContent {
  /// A value's text without white space between its tokens.
  func compactJSON(at index: JSONTape.Index) -> [UInt8] {
    var compact: [UInt8] = []
    let bytes = bytes
    tape.appendCompact(index, in: bytes.span, to: &compact)
    return compact
  }
}

extension Value {
  /// The value as a column of some type holds it.
  func column(_ type: ColumnType) throws(EvaluationError) -> ColumnValue {
    switch self {
    case .null: return .null
    case .optional(let optional):
      return try optional.value.map { value throws(EvaluationError) in
        try value.column(type)
      } ?? .null
    default: break
    }
    let found: ColumnValue? =
      switch (type, self) {
      case (.text, .string(let text)): .text(text.array)
      case (.boolean, .bool(let value)): .boolean(value)
      case (.integer, _): wholeNumber.map { .integer($0) }
      case (.real, _): realNumber.map { .real($0) }
      case (.time, _): instant.map { .time($0) }
      case (.json, _): json.map { .json(Array($0.json.utf8)) }
      default: nil
      }
    guard let found else {
      throw EvaluationError(.argument, "\(shortText) does not fit a column of type \(type.rawValue)")
    }
    return found
  }

  private var wholeNumber: Int64? {
    switch self {
    case .int(let number): number
    case .uint(let number): Int64(exactly: number)
    case .double(let number): Int64(exactly: number)
    default: nil
    }
  }

  private var realNumber: Double? {
    switch self {
    case .int(let number): Double(exactly: number)
    case .uint(let number): Double(exactly: number)
    case .double(let number): number.isFinite ? number : nil
    default: nil
    }
  }

  private var instant: Timestamp? {
    let found: Timestamp? =
      switch self {
      case .timestamp(let instant): instant
      case .string(let text): Timestamp(rfc3339: text.string)
      default: nil
      }
    // Those that four digits of a year can say, and that SQL can compare as text.
    guard let found, (-62_135_596_800..<253_402_300_800).contains(found.seconds) else { return nil }
    return Timestamp(microseconds: found.microseconds)
  }

  /// What a column holds as a value; nil for an empty one.
  init?(_ column: ColumnValue) {
    switch column {
    case .null: return nil
    case .text(let bytes): self = .string(Text(bytes))
    case .integer(let number): self = .int(number)
    case .real(let number): self = .double(number)
    case .boolean(let value): self = .bool(value)
    case .time(let instant): self = .timestamp(instant)
    case .json(let bytes):
      guard let document = try? JSONDocument(bytes) else { return nil }
      self = JSONContent(document).value(at: 0)
    }
  }
}
