// SPDX-License-Identifier: Apache-2.0

import EventModel

@testable import Expressions

/// The tagged values of the vectors, such as `{"int":"-1"}`.
enum CELValue {
  static func value(_ view: JSONView) -> Value {
    guard let (tag, content) = view.members.first else { return .null }
    let text = content.string ?? ""
    switch tag {
    case "int": return .int(Int64(text) ?? 0)
    case "uint": return .uint(UInt64(text) ?? 0)
    case "double": return .double(content.double ?? Double(text) ?? .nan)
    case "string": return .text(text)
    case "bytes_b64": return .bytes(Text(Base64.decode(Text(text)) ?? []))
    case "bool": return .bool(content.bool ?? false)
    case "list": return .list(content.elements.map(value))
    case "map":
      let entries = content.elements.map { (key: value($0.elements[0]), value: value($0.elements[1])) }
      return (try? MapValue(entries)).map { .map($0) } ?? .null
    case "type": return .type(TypeName(name: text))
    case "duration": return DurationValue(text).map { .duration($0) } ?? .null
    case "timestamp":
      return Timestamp(rfc3339: content["rfc3339"]?.string ?? "").map { .timestamp($0) } ?? .null
    default: return .null
    }
  }

  /// Whether two values are of one type and equal; NaN is itself, and zeros have signs.
  static func areIdentical(_ left: Value, _ right: Value) -> Bool {
    switch (left, right) {
    case (.double(let left), .double(let right)):
      return left.isNaN ? right.isNaN : left == right && left.sign == right.sign
    case (.list(let left), .list(let right)):
      return left.count == right.count && zip(left, right).allSatisfy(areIdentical)
    case (.map(let left), .map(let right)):
      return left.entries.count == right.entries.count
        && left.entries.allSatisfy { key, value in right[key].map { areIdentical(value, $0) } ?? false }
    default: return left.type == right.type && Value.areEqual(left, right)
    }
  }
}

/// The types of the vectors, such as `map(string, list(int))`.
enum CELType {
  static func type(_ text: String) -> ExpressionType {
    var rest = Substring(text)
    return take(&rest)
  }

  private static func take(_ rest: inout Substring) -> ExpressionType {
    let name = String(rest.prefix { !"(), ".contains($0) })
    rest = rest.dropFirst(name.count)
    var parameters: [ExpressionType] = []
    if rest.first == "(" {
      repeat {
        rest = rest.dropFirst().drop { $0 == " " }
        parameters.append(take(&rest))
      } while rest.first == ","
      rest = rest.dropFirst()
    }
    switch name {
    case "dyn": return .dyn
    case "null", "null_type": return .null
    case "bool": return .bool
    case "int": return .int
    case "uint": return .uint
    case "double": return .double
    case "string": return .string
    case "bytes": return .bytes
    case "timestamp", "google.protobuf.Timestamp": return .timestamp
    case "duration", "google.protobuf.Duration": return .duration
    case "list": return .list(parameters.first ?? .dyn)
    case "map": return .map(parameters.first ?? .dyn, parameters.count > 1 ? parameters[1] : .dyn)
    case "type": return .type(parameters.first)
    case _ where name.hasPrefix("param:"): return .parameter(String(name.dropFirst(6)))
    default: return .opaque(name, parameters)
    }
  }
}
