// SPDX-License-Identifier: Apache-2.0

import EventModel

/// A value of the Common Expression Language ("Values" in its definition).
enum Value: Sendable {
  case null
  case bool(Bool)
  case int(Int64)
  case uint(UInt64)
  case double(Double)
  case string(Text)
  case bytes(Text)
  case list([Value])
  case map(MapValue)
  /// An object or array of an event, looked into only as far as needed.
  case json(JSONReference)
  case type(TypeName)
  case timestamp(Timestamp)
  case duration(DurationValue)
  case optional(OptionalValue)
  case address(NetworkAddress)
  case network(NetworkRange)

  /// A string.
  static func text(_ string: String) -> Value { .string(Text(string)) }

  /// The value's type.
  var type: TypeName {
    switch self {
    case .null: .null
    case .bool: .bool
    case .int: .int
    case .uint: .uint
    case .double: .double
    case .string: .string
    case .bytes: .bytes
    case .list: .list
    case .map: .map
    case .json(let json): json.isArray ? .list : .map
    case .type: .type
    case .timestamp: .timestamp
    case .duration: .duration
    case .optional: .optional
    case .address: .address
    case .network: .network
    }
  }
}

/// The name of a type, which is itself a value.
struct TypeName: Sendable, Hashable {
  let name: String

  static let null = TypeName(name: "null_type")
  static let bool = TypeName(name: "bool")
  static let int = TypeName(name: "int")
  static let uint = TypeName(name: "uint")
  static let double = TypeName(name: "double")
  static let string = TypeName(name: "string")
  static let bytes = TypeName(name: "bytes")
  static let list = TypeName(name: "list")
  static let map = TypeName(name: "map")
  static let type = TypeName(name: "type")
  static let timestamp = TypeName(name: "google.protobuf.Timestamp")
  static let duration = TypeName(name: "google.protobuf.Duration")
  static let optional = TypeName(name: "optional_type")
  static let address = TypeName(name: "net.IP")
  static let network = TypeName(name: "net.CIDR")
}

/// A value that may be missing; an object, so that values may nest.
final class OptionalValue: Sendable {
  static let none = OptionalValue(nil)
  let value: Value?

  init(_ value: Value?) { self.value = value }
}
