// SPDX-License-Identifier: Apache-2.0

import EventModel

/// Values as JSON ("JSON Data Conversion").
extension Value {
  /// The value as JSON; nil for what JSON cannot say: NaN and infinities, types, and keys that are no text.
  ///
  /// Bytes become base64, instants and spans text; what is missing becomes null.
  var json: JSONValue? {
    switch self {
    case .null: return .null
    case .bool(let value): return .bool(value)
    case .int(let number): return .number(String(number))
    case .uint(let number): return .number(String(number))
    case .double(let number): return number.isFinite ? .number(DecimalText.plain(number)) : nil
    case .string(let text): return .string(text.string)
    case .bytes(let bytes): return .string(Base64.encode(bytes))
    case .timestamp, .duration, .address, .network: return .string(plainText)
    case .optional(let optional): return optional.value.map(\.json) ?? .null
    case .json(let json): return json.content.json(at: json.index)
    case .type: return nil
    case .list(let elements):
      let values = elements.compactMap(\.json)
      return values.count == elements.count ? .array(values) : nil
    case .map(let map):
      let members = map.entries.compactMap { key, value -> JSONValue.Member? in
        guard let name = key.keyText, let value = value.json else { return nil }
        return JSONValue.Member(name, value)
      }
      return members.count == map.entries.count ? .object(members) : nil
    }
  }

  /// The key of an object that stands for a key of a map.
  private var keyText: String? {
    switch self {
    case .string, .int, .uint, .bool: plainText
    default: nil
    }
  }

  /// The value of JSON.
  init(_ json: JSONValue) {
    switch json {
    case .null: self = .null
    case .bool(let value): self = .bool(value)
    case .number(let text): self = .double(Double(text) ?? .nan)
    case .string(let text): self = .text(text)
    case .array(let elements): self = .list(elements.map(Value.init))
    case .object(let members): self = .map(MapValue(members.map { ($0.key, Value($0.value)) }))
    }
  }
}
