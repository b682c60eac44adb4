// SPDX-License-Identifier: Apache-2.0

/// A type as the checker knows it ("Gradual Type Checking" in CEL's definition).
public indirect enum ExpressionType: Sendable, Hashable {
  /// Any type; what it is shows only in evaluation.
  case dyn
  case null, bool, int, uint, double, string, bytes, timestamp, duration
  case list(ExpressionType)
  case map(ExpressionType, ExpressionType)
  /// The type of types.
  case type(ExpressionType?)
  /// A type that only functions make and understand, such as `optional_type` and `net.IP`.
  case opaque(String, [ExpressionType])
  /// A value with known fields, such as an event.
  case record(RecordType)
  /// A type parameter of a function.
  case parameter(String)

  /// A value that may be missing.
  static func optional(_ wrapped: ExpressionType) -> ExpressionType { .opaque("optional_type", [wrapped]) }
  static let address = ExpressionType.opaque("net.IP", [])
  static let network = ExpressionType.opaque("net.CIDR", [])
}

/// A value with known fields.
public struct RecordType: Sendable, Hashable {
  /// The record's name, for messages.
  public let name: String
  /// What is said of a field that it does not have, with `%` for the field's name.
  public let missing: String
  /// The types of its fields.
  public let fields: [String: ExpressionType]
  /// The type of the fields that are not known; nil when there are no others.
  public let others: ExpressionType?

  /// Declares a record.
  public init(name: String, missing: String, fields: [String: ExpressionType], others: ExpressionType? = nil)
  {
    self.name = name
    self.missing = missing
    self.fields = fields
    self.others = others
  }
}

extension ExpressionType: CustomStringConvertible {
  /// The type as it is written in documents, such as `map(string, int)`.
  public var description: String {
    switch self {
    case .dyn: "dyn"
    case .null: "null"
    case .bool: "bool"
    case .int: "int"
    case .uint: "uint"
    case .double: "double"
    case .string: "string"
    case .bytes: "bytes"
    case .timestamp: "timestamp"
    case .duration: "duration"
    case .list(let element): "list(\(element))"
    case .map(let key, let value): "map(\(key), \(value))"
    case .type(let type): type.map { "type(\($0))" } ?? "type"
    case .opaque(let name, let parameters):
      parameters.isEmpty ? name : "\(name)(\(parameters.map(\.description).joined(separator: ", ")))"
    case .record(let record): record.name
    case .parameter(let name): name
    }
  }

  /// The types that this one is made of.
  var parameters: [ExpressionType] {
    switch self {
    case .list(let element): [element]
    case .map(let key, let value): [key, value]
    case .type(let type): type.map { [$0] } ?? []
    case .opaque(_, let parameters): parameters
    default: []
    }
  }

  /// The same type made of other ones.
  func replacing(_ replace: (ExpressionType) -> ExpressionType) -> ExpressionType {
    switch self {
    case .list(let element): .list(replace(element))
    case .map(let key, let value): .map(replace(key), replace(value))
    case .type(let type): .type(type.map(replace))
    case .opaque(let name, let parameters): .opaque(name, parameters.map(replace))
    default: self
    }
  }

  var isOptional: Bool { optionalWrapped != nil }

  /// What an optional holds.
  var optionalWrapped: ExpressionType? {
    if case .opaque("optional_type", let parameters) = self { parameters.first } else { nil }
  }
}
