// SPDX-License-Identifier: Apache-2.0

import EventModel

/// Conversions between types, which fail rather than lose a value's magnitude.
enum Conversion {
  static func int(_ value: Value) throws(EvaluationError) -> Value {
    switch value {
    case .int: return value
    case .uint(let number):
      guard let result = Int64(exactly: number) else { throw outOfRange("int") }
      return .int(result)
    case .double(let number):
      // The limits themselves are out, as they are for other implementations.
      guard number > -0x1p63, number < 0x1p63 else { throw outOfRange("int") }
      return .int(Int64(number))
    case .string(let text):
      guard let number = Int64(text.string) else { throw unreadable(text, "an int") }
      return .int(number)
    case .timestamp(let instant): return .int(instant.seconds)
    case .duration(let span): return .int(span.seconds)
    default: throw .noOverload("int", value)
    }
  }

  static func uint(_ value: Value) throws(EvaluationError) -> Value {
    switch value {
    case .uint: return value
    case .int(let number):
      guard let result = UInt64(exactly: number) else { throw outOfRange("uint") }
      return .uint(result)
    case .double(let number):
      guard number >= 0, number < 0x1p64 else { throw outOfRange("uint") }
      return .uint(UInt64(number))
    case .string(let text):
      guard let number = UInt64(text.string) else { throw unreadable(text, "a uint") }
      return .uint(number)
    default: throw .noOverload("uint", value)
    }
  }

  static func double(_ value: Value) throws(EvaluationError) -> Value {
    switch value {
    case .double: return value
    case .int(let number): return .double(Double(number))
    case .uint(let number): return .double(Double(number))
    case .string(let text):
      guard let number = Double(text.string) else { throw unreadable(text, "a double") }
      return .double(number)
    default: throw .noOverload("double", value)
    }
  }

  static func bool(_ value: Value) throws(EvaluationError) -> Value {
    switch value {
    case .bool: return value
    case .string(let text):
      switch text.string {
      case "1", "t", "true", "TRUE", "True": return .bool(true)
      case "0", "f", "false", "FALSE", "False": return .bool(false)
      default: throw unreadable(text, "true or false")
      }
    default: throw .noOverload("bool", value)
    }
  }

  static func bytes(_ value: Value) throws(EvaluationError) -> Value {
    switch value {
    case .bytes: return value
    case .string(let text): return .bytes(text)
    default: throw .noOverload("bytes", value)
    }
  }

  static func string(_ value: Value) throws(EvaluationError) -> Value {
    switch value {
    case .string: return value
    case .bytes(let bytes):
      guard let string = String(validating: bytes.slice, as: UTF8.self) else {
        throw EvaluationError(.argument, "the bytes are not UTF-8")
      }
      return .text(string)
    case .bool, .int, .uint, .double, .timestamp, .duration, .address, .network: return .text(value.plainText)
    default: throw .noOverload("string", value)
    }
  }

  static func timestamp(_ value: Value) throws(EvaluationError) -> Value {
    switch value {
    case .timestamp: return value
    case .string(let text):
      guard let instant = Timestamp(rfc3339: text.array.span) else {
        throw unreadable(text, "an instant such as 2026-03-29T01:30:00Z")
      }
      guard Timestamp.celRange.contains(instant) else { throw outOfRange("timestamp") }
      return .timestamp(instant)
    case .int(let seconds):
      let instant = Timestamp(seconds: seconds)
      guard Timestamp.celRange.contains(instant) else { throw outOfRange("timestamp") }
      return .timestamp(instant)
    default: throw .noOverload("timestamp", value)
    }
  }

  static func duration(_ value: Value) throws(EvaluationError) -> Value {
    switch value {
    case .duration: return value
    case .string(let text):
      guard let span = DurationValue(text.string) else {
        throw unreadable(text, "a duration such as 1h30m or 250ms")
      }
      return .duration(span)
    case .int(let seconds):
      guard let span = DurationValue(seconds: seconds) else { throw outOfRange("duration") }
      return .duration(span)
    default: throw .noOverload("duration", value)
    }
  }

  private static func outOfRange(_ type: String) -> EvaluationError {
    EvaluationError(.overflow, "the value is out of the range of \(type)")
  }

  private static func unreadable(_ text: Text, _ what: String) -> EvaluationError {
    EvaluationError(.argument, "\(Value.string(text).shortText) is not \(what)")
  }
}

extension FunctionTable {
  static let conversions: [Function] = [
    conversion("int", .int, from: [.int, .uint, .double, .string, .timestamp, .duration], Conversion.int),
    conversion("uint", .uint, from: [.uint, .int, .double, .string], Conversion.uint),
    conversion("double", .double, from: [.double, .int, .uint, .string], Conversion.double),
    conversion("bool", .bool, from: [.bool, .string], Conversion.bool),
    conversion("bytes", .bytes, from: [.bytes, .string], Conversion.bytes),
    conversion(
      "string",
      .string,
      from: [.string, .bool, .int, .uint, .double, .bytes, .timestamp, .duration, .address, .network],
      Conversion.string
    ),
    conversion("timestamp", .timestamp, from: [.timestamp, .string, .int], Conversion.timestamp),
    conversion("duration", .duration, from: [.duration, .string, .int], Conversion.duration),
  ]

  private static func conversion(
    _ name: String,
    _ type: ExpressionType,
    from sources: [ExpressionType],
    _ body: @escaping @Sendable (Value) throws(EvaluationError) -> Value
  ) -> Function {
    .unary(name, sources.map { .init([$0], type) }, body)
  }
}
